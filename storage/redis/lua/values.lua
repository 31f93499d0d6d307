-- Rows of sessions: the bounds of any number of ranges of keys. KEYS: rows, keys, ends.
-- Answers key, row of each, the expired among them.

local keys = KEYS[2]
local fields, out = {}, {}
while at < #ARGV do
  for _, key in ipairs(redis.call('ZRANGE', keys, arg(), arg(), 'BYLEX')) do fields[#fields + 1] = 's:' .. key end
end
if #fields == 0 then return out end
for i, row in ipairs(fetch(fields)) do
  if row then out[#out + 1], out[#out + 2] = string.sub(fields[i], 3), row end
end
return out
