-- Keys of sessions: now, limit, the bounds of a range of keys. KEYS: rows, keys, ends.
-- Answers the keys that have not expired.

local keys, ends = KEYS[2], KEYS[3]
local now, limit, low, high = num(), num(), arg(), arg()
local out = {}
while #out < limit do
  local part = redis.call('ZRANGE', keys, low, high, 'BYLEX', 'LIMIT', 0, 200)
  if #part == 0 then break end
  for i, till in ipairs(redis.call('ZMSCORE', ends, unpack(part))) do
    if #out < limit and (not till or tonumber(till) > now) then out[#out + 1] = part[i] end
  end
  low = '(' .. part[#part]
end
return out
