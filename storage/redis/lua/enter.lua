-- Keeps a session that is not there, unless its mark is. KEYS: rows, keys, ends, mark of the
-- operation. ARGV: seconds that this is kept, key, its mark, the bounds of its line, now, the
-- value where it is alone in its line, the value where it is not. Answers 'marked' and the
-- row of the mark, 'there', 'alone' or 'behind'.

local keys, op = KEYS[2], KEYS[4]
local ttl, key, mark, low, high, now, alone, behind = arg(), arg(), arg(), arg(), arg(), num(), arg(), arg()
local before = redis.call('GET', op)
if before then return {before} end
local found = redis.call('HMGET', rows, 's:' .. mark, 's:' .. key)
if found[1] then
  local till = string.match(found[1], '^%d+ (%d+)\n')
  if till == '0' or tonumber(till) > now then return {'marked', found[1]} end
end
if found[2] then return {'there'} end
local is, value = 'alone', alone
if #redis.call('ZRANGE', keys, low, high, 'BYLEX', 'LIMIT', 0, 1) > 0 then is, value = 'behind', behind end
redis.call('HSET', rows, 's:' .. key, '1 0\n' .. value)
redis.call('ZADD', keys, 0, key)
redis.call('SET', op, is, 'EX', ttl)
return {is}
