-- What changes sessions begins with this. KEYS: rows, keys, ends.

local keys, ends = KEYS[2], KEYS[3]

-- forget removes sessions.
local function forget(list)
  local fields = {}
  for i, k in ipairs(list) do fields[i] = 's:' .. k end
  send('HDEL', rows, fields)
  send('ZREM', keys, list)
  send('ZREM', ends, list)
end
