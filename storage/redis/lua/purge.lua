-- Removes items that are settled: seconds that the mark is kept, how many, and of each
-- its id, the revision and the size of its row and its key, as they were seen. The newest
-- of all stays. KEYS[6] is the mark of the operation. Answers how many are gone.

local mark = KEYS[6]
local ttl, n = arg(), num()
local before = redis.call('GET', mark)
if before then return before end
redis.call('ZCARD', dead)
local states = {'n:sent', 'n:moot', 'n:dead'}
local fields = {'n:items', 'n:purged', 'n:floor', unpack(states)}
local base, items = #fields, {}
for i = 1, n do
  items[i] = {id = arg(), rev = arg(), size = num(), key = arg(), state = arg()}
  fields[#fields + 1], fields[#fields + 2] = 'i:' .. items[i].id, 'k:' .. items[i].key
end
local got = fetch(fields)
local last, purged, floor = tonumber(got[1] or 0), tonumber(got[2] or 0), tonumber(got[3] or 0)
local count, gone, undead, removed = {}, {}, {}, 0
for i, f in ipairs(states) do count[f] = tonumber(got[3 + i] or 0) end
for i, it in ipairs(items) do
  local row, key = got[base + 2 * i - 1], got[base + 2 * i]
  if tonumber(it.id) < last and row and #row == it.size and string.match(row, '^%d+') == it.rev then
    gone[#gone + 1] = 'i:' .. it.id
    if key == '-' then gone[#gone + 1] = 'k:' .. it.key end
    if it.state == 'dead' then undead[#undead + 1] = it.id end
    count['n:' .. it.state] = count['n:' .. it.state] - 1
    removed = removed + 1
  end
end
send('HDEL', rows, gone)
send('ZREM', dead, undead)
-- Up to the floor there is no item any more: who reads from the beginning begins there.
for _ = 1, 100 do
  local part = {}
  for i = floor + 1, math.min(floor + 100, last - 1) do part[#part + 1] = string.format('i:%012.0f', i) end
  if #part == 0 then break end
  local stands = false
  for _, row in ipairs(fetch(part)) do
    stands = stands or row
    if not stands then floor = floor + 1 end
  end
  if stands then break end
end
local set = {'n:purged', text(purged + removed), 'n:floor', text(floor)}
for f, v in pairs(count) do set[#set + 1], set[#set + 2] = f, text(v) end
send('HSET', rows, set)
redis.call('SET', mark, text(removed), 'EX', ttl)
return text(removed)
