-- What waits: now. Answers the counters (items, live, sent, moot, dead, purged), how
-- many are held, how many are due, the earliest due that nobody holds, and the
-- earliest due of all; '' for none.

local now = num()
local got = fetch({'n:items', 'n:live', 'n:sent', 'n:moot', 'n:dead', 'n:purged'})
local held = redis.call('ZCOUNT', leased, '(' .. text(now), '+inf')
local waiting, oldest, first = 0, nil, nil

local function earlier(a, b)
  if a and a < b then return a end
  return b
end

-- free is the earliest due in a lane that nobody holds.
local function free(from, to, head)
  if head <= now then return head end
  local offset = 0
  while true do
    local part = redis.call('ZRANGE', due, text(from), '(' .. text(to), 'BYSCORE', 'LIMIT', offset, 100, 'WITHSCORES')
    if #part == 0 then return nil end
    local ids = {}
    for i = 1, #part, 2 do ids[#ids + 1] = part[i] end
    for i, held_until in ipairs(redis.call('ZMSCORE', leased, unpack(ids))) do
      if not held_until or tonumber(held_until) <= now then return tonumber(part[2 * i]) - from end
    end
    offset = offset + 100
  end
end

local head = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
while head[2] do
  local score = tonumber(head[2])
  local lane = math.floor(score / lane_width)
  local from, to = lane * lane_width, (lane + 1) * lane_width
  first = earlier(first, score - from)
  waiting = waiting + redis.call('ZCOUNT', due, text(from), text(from + now))
  local f = free(from, to, score - from)
  if f then oldest = earlier(oldest, f) end
  head = redis.call('ZRANGE', due, text(to), '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
end
local out = {}
for i, v in ipairs(got) do out[i] = v or '0' end
out[#out + 1], out[#out + 2] = text(held), text(waiting)
out[#out + 1], out[#out + 2] = oldest and text(oldest) or '', first and text(first) or ''
return out
