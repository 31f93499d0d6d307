-- Commits, each for itself: channel, floor, how many, then the commits.
-- KEYS[6] is what was refused. floor is an index that was told to somebody: a log that ends before it has lost what was promised.

local refused = KEYS[6]

local function read()
  local c = {op = arg(), once = arg(), id = arg(), expect = num(), seq = arg(), body = arg(), keys = arg()}
  -- The places are left where they are: pairs of a score and a place, as ZADD takes them.
  local n = num()
  c.from, c.to = at + 1, at + n
  at = at + n
  c.unique, c.guards, c.events, c.black = take(num()), take(num()), take(num()), take(num())
  local fields = {'n:events', 'n:items', 'n:live', 'n:sent', 'n:moot', 'n:dead', 'r:' .. c.id, 'o:' .. c.once}
  for i, u in ipairs(c.unique) do fields[8 + i] = 'u:' .. u end
  c.guarded = #fields
  for i = 1, #c.guards, 2 do fields[#fields + 1] = 'r:' .. c.guards[i] end
  c.fields, c.plan = fields, read_plan(fields)
  return c
end

-- event is the operation that wrote the event at an index, and its body.
local function event(index)
  local v = redis.call('HGET', rows, 'e:' .. index)
  return string.match(v, '^([^\n]*)\n(.*)$')
end

local function parse(row)
  if not row then return {seq = 0, trail = '', keys = ''} end
  local seq, size, trail, from = string.match(row, '^(%d+) (%d+) ([%d,]*)\n()')
  return {seq = tonumber(seq), trail = trail, keys = string.sub(row, from, from + tonumber(size) - 1)}
end

-- last is the index of a record's n-th event from the end, those that were refused
-- included.
local function last(id, trail, n)
  if n < 1 then return nil end
  local all = redis.call('ZRANGE', refused, '(' .. id .. '\0\0:', '[' .. id .. '\0\0', 'BYLEX', 'REV', 'LIMIT', 0, n)
  for i, place in ipairs(all) do all[i] = tonumber(string.sub(place, #id + 3)) end
  for index in string.gmatch(trail, '%d+') do all[#all + 1] = tonumber(index) end
  table.sort(all, function(a, b) return a > b end)
  return all[n] and text(all[n])
end

-- refuse files an event among what was refused, under its account and under none.
local function refuse(id, by, index)
  local padded = string.format('%012.0f', index)
  redis.call('ZADD', refused, 0, id .. '\0' .. by .. '\0' .. padded, 0, id .. '\0\0' .. padded)
end

local function judge(c, got)
  if c.once ~= '' and got[8] then
    local op, body = event(got[8])
    if op == c.op then return {'done'} end
    return {'seen', got[8], body}
  end
  local old = parse(got[7])
  if old.seq ~= c.expect then
    -- The same call again, whose answer was lost?
    local index = last(c.id, old.trail, old.seq - c.expect)
    if index and event(index) == c.op then return {'done'} end
    return {'conflict'}
  end
  for i = 1, #c.guards, 2 do
    local row = got[c.guarded + (i + 1) / 2]
    if (row and string.match(row, '^%d+') or '0') ~= c.guards[i + 1] then return {'conflict'} end
  end
  for i, u in ipairs(c.unique) do
    local owner = got[8 + i]
    if owner and owner ~= c.id then return {'taken', u} end
  end
  for i = 1, #c.black, 3 do
    if last(c.id, old.trail, old.seq - tonumber(c.black[i + 1]) + 1) ~= c.black[i] then return {'alien', c.black[i]} end
  end
  local now = stale(c.plan, got)
  if now then return {'stale', unpack(now)} end
  return nil, old
end

-- refile moves a record from its old places to the new ones. Keys are
-- "<rank>\1<unique>\1…\0<term>\1<term>\1…".
local function refile(c, old)
  if c.keys == old.keys then return end
  if old.keys ~= '' then
    local rank, unique, terms = string.match(old.keys, '^([^\1]*)\1([^%z]*)%z(.*)$')
    local keeps, left, gone = {}, {}, {}
    if rank == string.sub(c.keys, 1, #rank) then
      for i = c.from + 1, c.to, 2 do keeps[ARGV[i]] = true end
    end
    local place = '\0' .. rank .. c.id
    for t in string.gmatch(terms, '[^\1]+') do
      local p = t .. place
      if not keeps[p] then left[#left + 1] = p end
    end
    for _, u in ipairs(c.unique) do keeps[u] = true end
    for u in string.gmatch(unique, '[^\1]+') do
      if not keeps[u] then gone[#gone + 1] = 'u:' .. u end
    end
    send('HDEL', rows, gone)
    send('ZREM', lists, left)
  end
  for i = c.from, c.to, 4000 do
    redis.call('ZADD', lists, unpack(ARGV, i, math.min(i + 3999, c.to)))
  end
end

local function write(c, got, old)
  local set, n, trail = {}, 0, old.trail
  local function put(field, value)
    set[n + 1], set[n + 2], n = field, value, n + 2
  end
  local events = tonumber(got[1] or 0)
  if c.once ~= '' then put('o:' .. c.once, text(events + 1)) end
  for i = 1, #c.events, 2 do -- whose refused press it is, and the event
    events = events + 1
    local index = text(events)
    put('e:' .. index, (i == 1 and c.op or '') .. '\n' .. c.events[i + 1])
    if c.events[i] ~= '' then
      refuse(c.id, c.events[i], events)
    else
      trail = trail == '' and index or trail .. ',' .. index
    end
  end
  for i = 1, #c.black, 3 do
    local index, body = c.black[i], c.black[i + 2]
    local op, before = event(index)
    local was, is = cjson.decode(before).by, cjson.decode(body).by
    local place = c.id .. '\0' .. was .. '\0' .. string.format('%012.0f', tonumber(index))
    if was ~= is and redis.call('ZREM', refused, place) == 1 then refuse(c.id, is, tonumber(index)) end
    put('e:' .. index, op .. '\n' .. body)
  end
  put('n:events', text(events))
  put('r:' .. c.id, c.seq .. ' ' .. #c.keys .. ' ' .. trail .. '\n' .. c.keys .. c.body)
  if c.keys ~= old.keys then
    for _, u in ipairs(c.unique) do put('u:' .. u, c.id) end
    refile(c, old)
  end
  local wake = false
  if #c.plan.saves + #c.plan.puts > 0 then
    local _
    _, wake = carry_out(c.plan, counters(got, 1), set)
  end
  send('HSET', rows, set)
  return wake, events
end

local channel, floor, n = arg(), num(), num()
redis.call('ZCARD', lists)
redis.call('ZCARD', due)
redis.call('ZCARD', refused)
local events = tonumber(redis.call('HGET', rows, 'n:events') or 0)
if events < floor then return {'lost', text(events)} end
local out, wake = {'ok', ''}, '0'
for i = 1, n do
  local c = read()
  local got = fetch(c.fields)
  local verdict, old = judge(c, got)
  if not verdict then
    local woke
    woke, events = write(c, got, old)
    if woke then wake = '1' end
    verdict = {'done', woke and '1' or '0'}
  end
  out[#out + 1] = verdict
end
if wake == '1' then redis.call('PUBLISH', channel, '') end
out[2] = text(events)
return out
