-- Gates of scopes: how many, then scope, value as it was seen, value that it
-- becomes. All change, or none; then the answer is the values as they are. A value names
-- the operation that wrote it, so that a repeat finds its own.

local n = num()
local seen, becomes, fields = {}, {}, {}
for i = 1, n do
  fields[i], seen[i], becomes[i] = 'g:' .. arg(), arg(), arg()
end
local got = fetch(fields)
local fine, done = true, true
for i = 1, n do
  got[i] = got[i] or ''
  fine = fine and got[i] == seen[i]
  done = done and got[i] == becomes[i]
end
if done then return {'done'} end
if not fine then return {'stale', unpack(got)} end
local set = {}
for i = 1, n do
  if becomes[i] ~= seen[i] then set[#set + 1], set[#set + 2] = fields[i], becomes[i] end
end
send('HSET', rows, set)
return {'done'}
