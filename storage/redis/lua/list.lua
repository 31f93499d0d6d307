-- One part of a list: limit, '1' for newest first, the place to go on from (''
-- for the start), terms. It walks the shortest of the lists and looks each place
-- up in the others. Answers '1' if the list goes on, the last place that was
-- looked at, and the rows.

local limit, newest, after = num(), arg() == '1', arg()
local terms = {}
for i = at + 1, #ARGV do terms[#terms + 1] = ARGV[i] end

local drive = terms[1]
if #terms > 1 then
  local best
  for _, t in ipairs(terms) do
    local n = redis.call('ZLEXCOUNT', lists, '[' .. t .. '\0', '(' .. t .. '\1')
    if not best or n < best then best, drive = n, t end
  end
end
local others, seen = {}, {[drive] = true}
for _, t in ipairs(terms) do
  if not seen[t] then seen[t], others[#others + 1] = true, t end
end

local low, high = '[' .. drive .. '\0', '(' .. drive .. '\1'
local part, looked, budget = limit + 1, 0, 4000
if #others > 0 then part = 200 end

local function walk()
  if newest then
    return redis.call('ZRANGE', lists, after == '' and high or '(' .. drive .. '\0' .. after, low, 'BYLEX', 'REV', 'LIMIT', 0, part)
  end
  return redis.call('ZRANGE', lists, after == '' and low or '(' .. drive .. '\0' .. after, high, 'BYLEX', 'LIMIT', 0, part)
end

-- everywhere says of each place whether it stands in all the other lists.
local function everywhere(places)
  local out = {}
  if #places == 0 then return out end
  for i = 1, #places do out[i] = true end
  for _, t in ipairs(others) do
    local ask = {}
    for i, p in ipairs(places) do ask[i] = t .. '\0' .. p end
    for i, score in ipairs(redis.call('ZMSCORE', lists, unpack(ask))) do
      if not score then out[i] = false end
    end
  end
  return out
end

local fields, more, last = {}, '0', after
repeat
  local found = walk()
  local places = {}
  for i, m in ipairs(found) do places[i] = string.sub(m, #drive + 2) end
  local fine = everywhere(places)
  for i, p in ipairs(places) do
    if fine[i] then
      if #fields == limit then more = '1' break end
      fields[#fields + 1] = 'r:' .. string.sub(p, 11)
    end
    last, after = p, p
  end
  looked = looked + #found
  if looked >= budget and #found == part then more = '1' end
until more == '1' or #found < part
local out = {more, last}
if #fields > 0 then
  for _, v in ipairs(fetch(fields)) do out[#out + 1] = v end
end
return out
