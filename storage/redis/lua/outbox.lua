-- Carries out a plan: channel, seconds that the mark is kept, accepted, plan. KEYS[6] is the mark of the operation.

local mark = KEYS[6]
local channel, ttl, accepted = arg(), arg(), arg()
local before = redis.call('GET', mark)
if before then
  local a, b = string.match(before, '^(%d+) (%d+)$')
  return {'done', a, b, '0'}
end
local fields = {'n:items', 'n:live', 'n:sent', 'n:moot', 'n:dead'}
local p = read_plan(fields)
redis.call('ZCARD', due)
redis.call('ZCARD', leased)
redis.call('ZCARD', dead)
local got = fetch(fields)
local c = counters(got, 0)
local now = stale(p, got)
if now then return {'stale', unpack(now)} end
local set = {}
local changed, wake = carry_out(p, c, set)
send('HSET', rows, set)
redis.call('SET', mark, changed .. ' ' .. accepted, 'EX', ttl)
if wake then redis.call('PUBLISH', channel, '') end
return {'done', text(changed), accepted, wake and '1' or '0'}
