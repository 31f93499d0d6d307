-- Keeps a mark, unless it is there, and removes the session that has it. ARGV: key, mark,
-- value of the mark, now, expires (0: never), the instant before which expired ones are
-- forgotten. A repeat changes nothing: the mark is there, and keeps the key from coming back.

local key, mark, value, now, expires, old = arg(), arg(), arg(), num(), num(), arg()
redis.call('ZCARD', keys)
redis.call('ZCARD', ends)
local gone = redis.call('ZRANGE', ends, '-inf', old, 'BYSCORE', 'LIMIT', 0, 16)
gone[#gone + 1] = key
local row, is = redis.call('HGET', rows, 's:' .. mark), false
if row then
  local till = string.match(row, '^%d+ (%d+)\n')
  is = till == '0' or tonumber(till) > now
end
forget(gone)
if is then return 1 end
redis.call('HSET', rows, 's:' .. mark, '1 ' .. text(expires) .. '\n' .. value)
redis.call('ZADD', keys, 0, mark)
if expires > 0 then redis.call('ZADD', ends, text(expires), mark) else redis.call('ZREM', ends, mark) end
return 1
