-- Commits, each for itself: channel, floor, how many, then the commits.
-- floor is an index that was told to somebody: a log that ends before it has lost what was promised.

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

-- nth is the index of a record's n-th event.
local function nth(trail, n)
  for index in string.gmatch(trail, '%d+') do
    n = n - 1
    if n == 0 then return index end
  end
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
    local index = nth(old.trail, c.expect + 1)
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
    if nth(old.trail, tonumber(c.black[i + 1])) ~= c.black[i] then return {'alien', c.black[i]} end
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
  local last = tonumber(got[1] or 0)
  if c.once ~= '' then put('o:' .. c.once, text(last + 1)) end
  for i, body in ipairs(c.events) do
    last = last + 1
    local index = text(last)
    put('e:' .. index, (i == 1 and c.op or '') .. '\n' .. body)
    trail = trail == '' and index or trail .. ',' .. index
  end
  for i = 1, #c.black, 3 do
    put('e:' .. c.black[i], event(c.black[i]) .. '\n' .. c.black[i + 2])
  end
  put('n:events', text(last))
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
  return wake, last
end

local channel, floor, n = arg(), num(), num()
redis.call('ZCARD', lists)
redis.call('ZCARD', due)
local last = tonumber(redis.call('HGET', rows, 'n:events') or 0)
if last < floor then return {'lost', text(last)} end
local out, wake = {'ok', ''}, '0'
for i = 1, n do
  local c = read()
  local got = fetch(c.fields)
  local verdict, old = judge(c, got)
  if not verdict then
    local woke
    woke, last = write(c, got, old)
    if woke then wake = '1' end
    verdict = {'done', woke and '1' or '0'}
  end
  out[#out + 1] = verdict
end
if wake == '1' then redis.call('PUBLISH', channel, '') end
out[2] = text(last)
return out
