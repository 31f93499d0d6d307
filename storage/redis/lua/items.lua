-- Items in the order of their ids: the place after which to read, and how many at most.
-- Answers the place that was reached, whether there may be more, then id, row of each.

local place, limit = num(), num()
local head = fetch({'n:items', 'n:floor'})
local last = tonumber(head[1] or 0)
place = math.max(place, tonumber(head[2] or 0))
local out, found, looked = {'', ''}, 0, 0
while place < last and found < limit and looked < 20000 do
  local part = {}
  for i = place + 1, math.min(place + 500, last) do part[#part + 1] = string.format('i:%012.0f', i) end
  for i, row in ipairs(fetch(part)) do
    if found == limit then break end
    place, looked = place + 1, looked + 1
    if row then
      found = found + 1
      out[#out + 1], out[#out + 2] = string.sub(part[i], 3), row
    end
  end
end
out[1], out[2] = text(place), place < last and '1' or '0'
return out
