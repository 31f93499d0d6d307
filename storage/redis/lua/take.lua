-- Takes records out, whole: seconds that the mark is kept, how many, and of each its id, the
-- place in its trail at which it is expected, the series and the value of its number ('' for
-- none), how many events there are and their indices, how many texts of presses and of each
-- its name and the event that it leads to, and how many places there are among what was
-- refused and which. A record that has moved stays, and so does one that has the last event of
-- all. KEYS[6] is what was refused, KEYS[7] the mark of the operation. Answers how many are gone.

local refused, mark = KEYS[6], KEYS[7]
local ttl, n = arg(), num()
local before = redis.call('GET', mark)
if before then return before end
redis.call('ZCARD', lists)
redis.call('ZCARD', refused)
local count = fetch({'n:events', 'n:archived'})
local last, archived, removed = count[1] or '0', tonumber(count[2] or 0), 0
for _ = 1, n do
  local id, seq, series, value = arg(), arg(), arg(), arg()
  local events, presses, places = take(num()), take(num()), take(num())
  local row = redis.call('HGET', rows, 'r:' .. id)
  local at_seq, size, from
  if row then at_seq, size, from = string.match(row, '^(%d+) (%d+) [%d,]*\n()') end
  if at_seq == seq and events[#events] ~= last then
    local keys, gone, left = string.sub(row, from, from + tonumber(size) - 1), {'r:' .. id}, {}
    local rank, unique, terms = string.match(keys, '^([^\1]*)\1([^%z]*)%z(.*)$')
    for t in string.gmatch(terms, '[^\1]+') do left[#left + 1] = t .. '\0' .. rank .. id end
    for u in string.gmatch(unique, '[^\1]+') do gone[#gone + 1] = 'u:' .. u end
    for _, index in ipairs(events) do gone[#gone + 1] = 'e:' .. index end
    for i = 1, #presses, 2 do
      if redis.call('HGET', rows, 'o:' .. presses[i]) == presses[i + 1] then gone[#gone + 1] = 'o:' .. presses[i] end
    end
    if series ~= '' and redis.call('HGET', rows, 'v:' .. series) ~= value then gone[#gone + 1] = 'v:' .. series .. '\0' .. id end
    send('HDEL', rows, gone)
    send('ZREM', lists, left)
    send('ZREM', refused, places)
    archived, removed = archived + #events, removed + 1
  end
end
redis.call('HSET', rows, 'n:archived', text(archived))
redis.call('SET', mark, text(removed), 'EX', ttl)
return text(removed)
