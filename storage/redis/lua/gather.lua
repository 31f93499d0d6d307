-- Many records in one step: how many ids, the ids; how many unique keys, the keys; the
-- length of a list, terms. Answers the row of each id and of the holder of each key, ''
-- where there is none; then of each term '1' if its list goes on, its last place, how
-- many rows, the rows.

local out = {}

local function rows_of(fields)
  if #fields == 0 then return end
  for _, v in ipairs(fetch(fields)) do out[#out + 1] = v or '' end
end

local ids = {}
for i, id in ipairs(take(num())) do ids[i] = 'r:' .. id end
rows_of(ids)

local keys = {}
for i, key in ipairs(take(num())) do keys[i] = 'u:' .. key end
local holders = {}
if #keys > 0 then
  for i, id in ipairs(fetch(keys)) do holders[i] = 'r:' .. (id or '') end
end
rows_of(holders)

local limit = num()
for i = at + 1, #ARGV do
  local term = ARGV[i]
  local found = redis.call('ZRANGE', lists, '[' .. term .. '\0', '(' .. term .. '\1', 'BYLEX', 'LIMIT', 0, limit + 1)
  local fields, last = {}, ''
  for n = 1, math.min(#found, limit) do
    last = string.sub(found[n], #term + 2)
    fields[n] = 'r:' .. string.sub(last, 11)
  end
  out[#out + 1] = #found > limit and '1' or '0'
  out[#out + 1] = last
  out[#out + 1] = text(#fields)
  rows_of(fields)
end
return out
