-- Puts records back that were taken: seconds that the mark is kept, how many, and of each its
-- id, how many events it has, how many values its rows are and a field and a value of each (its
-- own comes last), and then how many values its places are, a score and a place of each: in
-- the lists, and among what was refused. One that is there stays as it is, and so does one a
-- unique key of which another has. KEYS[6] is what was refused, KEYS[7] the mark of the
-- operation. Answers how many came back.

local refused, mark = KEYS[6], KEYS[7]
local ttl, n = arg(), num()
local before = redis.call('GET', mark)
if before then return before end
redis.call('ZCARD', lists)
redis.call('ZCARD', refused)
local archived, returned = tonumber(redis.call('HGET', rows, 'n:archived') or 0), 0
for _ = 1, n do
  local id, events = arg(), num()
  local set, places, pressed = take(num()), take(num()), take(num())
  local free = not redis.call('HGET', rows, 'r:' .. id)
  for i = 1, #set, 2 do
    if string.sub(set[i], 1, 2) == 'u:' and redis.call('HGET', rows, set[i]) then free = false end
  end
  if free then
    send('HSET', rows, set)
    send('ZADD', lists, places)
    send('ZADD', refused, pressed)
    archived, returned = archived - events, returned + 1
  end
end
redis.call('HSET', rows, 'n:archived', text(archived))
redis.call('SET', mark, text(returned), 'EX', ttl)
return text(returned)
