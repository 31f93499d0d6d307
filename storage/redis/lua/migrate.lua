-- One step of a migration: who asks, 'make', 'hold' or 'part', for how many milliseconds the
-- store is held, and what the step needs. KEYS: rows, migrating.
-- The key migrating names who migrates, and ends by itself when they are silent.
-- Answers the format, n:cursor, and whether who asks holds the store.
--   make: the format of a store in which there is nothing
--   hold: the format that is left; held unless another holds it, or the store has another one
--   part: that format, the cursor before and after, rows to set, rows to drop. With the
--         last part ('' after it) the store has the next format, and nobody holds it.

local who, step, span = arg(), arg(), arg()
local from = arg()
local holder = redis.call('GET', KEYS[2])
local got = fetch({'n:format', 'n:cursor'})
local format, cursor = got[1] or '1', got[2] or ''
local held = '0'

if step == 'make' then
  if redis.call('HLEN', rows) == 0 then
    format = from
    redis.call('HSET', rows, 'n:format', format)
  end
elseif format == from and (holder == who or step == 'hold' and (not holder or holder == '')) then
  local before, after = cursor, 'more'
  if step == 'part' then
    before, after = arg(), arg()
  end
  if before == cursor then
    held = '1'
    if step == 'part' then
      send('HSET', rows, take(2 * num()))
      send('HDEL', rows, take(num()))
      cursor = after
    end
    if after == '' then
      format = text(tonumber(from) + 1)
      redis.call('HSET', rows, 'n:format', format)
      redis.call('HDEL', rows, 'n:cursor')
      redis.call('SET', KEYS[2], '', 'PX', 1)
    else
      if step == 'part' then redis.call('HSET', rows, 'n:cursor', cursor) end
      redis.call('SET', KEYS[2], who, 'PX', span)
    end
  end
end
return {format, cursor, held}
