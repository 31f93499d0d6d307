-- What changes by itself, at one instant: how many series and their names, and the bounds of
-- keys of sessions. KEYS[6] orders the keys of sessions. Answers the counts of events and items,
-- and of those that are archived and purged; the highest of each series; how many items are not
-- settled for good, and id, row of each; then key, row of each session.

local keys = KEYS[6]
local fields = {'n:events', 'n:items', 'n:archived', 'n:purged'}
for _, name in ipairs(take(num())) do fields[#fields + 1] = 'v:' .. name end
local low, high = arg(), arg()
local out = fetch(fields)
for i = 1, #fields do out[i] = out[i] or '0' end

local function add(members, letter)
  if #members == 0 then return end
  local names = {}
  for i, m in ipairs(members) do names[i] = letter .. m end
  for i, row in ipairs(fetch(names)) do
    out[#out + 1], out[#out + 2] = members[i], row or ''
  end
end

local open = redis.call('ZRANGE', due, 0, -1)
for _, id in ipairs(redis.call('ZRANGE', dead, 0, -1)) do open[#open + 1] = id end
out[#out + 1] = text(#open)
add(open, 'i:')
add(redis.call('ZRANGE', keys, low, high, 'BYLEX'), 's:')
return out
