-- Writes or deletes a session. KEYS: rows, keys, ends, mark. ARGV: seconds that
-- the mark is kept, 'put' or 'delete', key, and for a put: value, revision,
-- now, expires (0: never), the instant before which expired ones are forgotten.

local mark = KEYS[4]
local ttl, what, key = arg(), arg(), arg()
if redis.call('GET', mark) then return 1 end
redis.call('ZCARD', keys)
redis.call('ZCARD', ends)

if what == 'delete' then
  redis.call('HGET', rows, 's:' .. key)
  forget({key})
  redis.call('SET', mark, '1', 'EX', ttl)
  return 1
end

local value, rev, now, expires, old = arg(), arg(), num(), num(), arg()
local is, row = '0', redis.call('HGET', rows, 's:' .. key)
if row then
  local r, till = string.match(row, '^(%d+) (%d+)\n')
  if till == '0' or tonumber(till) > now then is = r end
end
if is ~= rev then return 0 end
-- Each put takes a few along, so that the expired never pile up.
forget(redis.call('ZRANGE', ends, '-inf', old, 'BYSCORE', 'LIMIT', 0, 16))
redis.call('HSET', rows, 's:' .. key, text(tonumber(rev) + 1) .. ' ' .. text(expires) .. '\n' .. value)
redis.call('ZADD', keys, 0, key)
if expires > 0 then redis.call('ZADD', ends, text(expires), key) else redis.call('ZREM', ends, key) end
redis.call('SET', mark, '1', 'EX', ttl)
return 1
