-- The next value of a series for a record, or the one that it has: series, record.
-- It needs no mark: a repeat finds the value.

local series, record = arg(), arg()
local top, mine = 'v:' .. series, 'v:' .. series .. '\0' .. record
local got = fetch({top, mine})
if got[2] then return got[2] end
local value = text(tonumber(got[1] or 0) + 1)
redis.call('HSET', rows, top, value, mine, value)
return value
