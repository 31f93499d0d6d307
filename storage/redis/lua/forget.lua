-- Forgets presses: seconds that the mark is kept, then the name of each and the event
-- that it leads to. One that leads to another event stays. KEYS[6] is the mark of the
-- operation. Answers how many were known.

local mark = KEYS[6]
local ttl = arg()
local before = redis.call('GET', mark)
if before then return before end
local names, fields, gone = {}, {}, {}
while at < #ARGV do
  names[#names + 1] = {once = arg(), index = arg()}
  fields[#fields + 1] = 'o:' .. names[#names].once
end
for i, index in ipairs(fetch(fields)) do
  if index == names[i].index then gone[#gone + 1] = fields[i] end
end
send('HDEL', rows, gone)
redis.call('SET', mark, text(#gone), 'EX', ttl)
return text(#gone)
