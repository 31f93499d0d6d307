-- One step of filling an empty store from an archive: operation, 'begin', 'fill'
-- or 'end', then pairs for each of the keys: how many values, and the values.
-- KEYS: rows, lists, due, leased, dead, sessions, ends, refused. From 'begin' to 'end' the row
-- n:loading names the operation, and nobody opens the store. Answers 'ok', or
-- 'full' or 'gone'. A repeat does no harm.

local op, step = arg(), arg()
for i = 2, #KEYS do redis.call('ZCARD', KEYS[i]) end
local got = fetch({'n:loading', 'n:loaded', 'n:format'})
if got[2] == op then return 'ok' end
if step == 'begin' then
  if got[1] == op then return 'ok' end
  if redis.call('HLEN', rows) > (got[3] and 1 or 0) then return 'full' end
  redis.call('HSET', rows, 'n:loading', op)
  return 'ok'
end
if got[1] ~= op then return 'gone' end
for i = 1, #KEYS do
  send(i == 1 and 'HSET' or 'ZADD', KEYS[i], take(num()))
end
if step == 'end' then
  redis.call('HSET', rows, 'n:loaded', op)
  redis.call('HDEL', rows, 'n:loading')
end
return 'ok'
