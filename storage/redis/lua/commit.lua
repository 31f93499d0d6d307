-- Commits, each for itself: channel, floor, how many, then the commits.
-- floor is an index that was told to somebody: a log that ends before it has lost what was promised.

local function read()
  local c = {op = arg(), once = arg(), id = arg(), expect = num(), seq = arg(), rank = arg(), body = arg()}
  c.unique, c.terms, c.events = take(num()), take(num()), take(num())
  c.fields = {'n:events', 'n:items', 'n:live', 'n:sent', 'n:moot', 'n:dead', 'r:' .. c.id, 'o:' .. c.once}
  for _, u in ipairs(c.unique) do c.fields[#c.fields + 1] = 'u:' .. u end
  c.plan = read_plan(c.fields)
  return c
end

-- event is the operation that wrote the event at an index, and its body.
local function event(index)
  local v = redis.call('HGET', rows, 'e:' .. index)
  return string.match(v, '^([^\n]*)\n(.*)$')
end

local function parse(row)
  if not row then return {seq = 0, trail = '', rank = '', unique = {}, terms = {}} end
  local seq, size, trail, from = string.match(row, '^(%d+) (%d+) ([%d,]*)\n()')
  local keys = cmsgpack.unpack(string.sub(row, from, from + tonumber(size) - 1))
  return {seq = tonumber(seq), trail = trail, rank = keys[1], unique = keys[2], terms = keys[3]}
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
  for i, u in ipairs(c.unique) do
    local owner = got[8 + i]
    if owner and owner ~= c.id then return {'taken', u} end
  end
  local now = stale(c.plan, got)
  if now then return {'stale', unpack(now)} end
  return nil, old
end

-- refile moves a record from its old places to the new ones.
local function refile(c, old, set)
  local left, entered, gone, place = {}, {}, {}, {}
  for _, t in ipairs(old.terms) do place[t .. '\0' .. old.rank .. c.id] = true end
  for _, t in ipairs(c.terms) do
    local p = t .. '\0' .. c.rank .. c.id
    if place[p] then
      place[p] = nil
    else
      entered[#entered + 1], entered[#entered + 2] = '0', p
    end
  end
  for p in pairs(place) do left[#left + 1] = p end
  local mine = {}
  for _, u in ipairs(c.unique) do
    mine[u] = true
    set[#set + 1], set[#set + 2] = 'u:' .. u, c.id
  end
  for _, u in ipairs(old.unique) do
    if not mine[u] then gone[#gone + 1] = 'u:' .. u end
  end
  send('HDEL', rows, gone)
  send('ZREM', lists, left)
  send('ZADD', lists, entered)
end

local function write(c, got, old)
  local set, trail = {}, {}
  local index = tonumber(got[1] or 0)
  if old.trail ~= '' then trail[1] = old.trail end
  for i, body in ipairs(c.events) do
    local n = text(index + i)
    set[#set + 1], set[#set + 2] = 'e:' .. n, (i == 1 and c.op or '') .. '\n' .. body
    trail[#trail + 1] = n
  end
  if c.once ~= '' then set[#set + 1], set[#set + 2] = 'o:' .. c.once, text(index + 1) end
  local last = index + #c.events
  set[#set + 1], set[#set + 2] = 'n:events', text(last)
  local keys = cmsgpack.pack({c.rank, c.unique, c.terms})
  set[#set + 1], set[#set + 2] = 'r:' .. c.id, c.seq .. ' ' .. #keys .. ' ' .. table.concat(trail, ',') .. '\n' .. keys .. c.body
  refile(c, old, set)
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
