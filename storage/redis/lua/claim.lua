-- Claims what is due: seconds that the mark is kept, now, n, lease in
-- milliseconds, the last lane that a person waits for and the lease there, how many
-- expired ones may be taken on the way. KEYS[6] is the mark of the operation. Answers id, value of each that was taken, the expired among them.

local mark = KEYS[6]

local ttl, now, n, lease, press, brief, most = arg(), num(), num(), num(), num(), num(), num()
local before = redis.call('GET', mark)
if before then
  -- What is still held until then is held by this call, though it may have been
  -- rewritten since: nobody else can have claimed it before.
  local out = {}
  for _, id in ipairs(cmsgpack.unpack(before)) do
    local till = redis.call('ZMSCORE', leased, id)[1]
    if till and (tonumber(till) == now + lease or tonumber(till) == now + brief) then
      out[#out + 1], out[#out + 2] = id, redis.call('HGET', rows, 'i:' .. id)
    end
  end
  return out
end

redis.call('ZCARD', leased)
local claim = '\n' .. text(now) .. ' ' .. text(lease)
local out, taken, set, zdue, zleased = {}, {}, {}, {}, {}
local good, expired = 0, 0

-- from takes from one lane, in order, until there is enough.
local function from(lane)
  local offset, till = 0, now + (lane <= press and brief or lease)
  while good < n and expired < most do
    local ids = redis.call('ZRANGE', due, text(lane * lane_width), text(lane * lane_width + now), 'BYSCORE', 'LIMIT', offset, n - good)
    if #ids == 0 then return end
    local fields = {}
    for i, id in ipairs(ids) do fields[i] = 'i:' .. id end
    for i, v in ipairs(fetch(fields)) do
      local id = ids[i]
      local expires = tonumber(string.match(v, '^%d+ (%d+) '))
      if expires > 0 and now > expires then expired = expired + 1 else good = good + 1 end
      v = v .. claim
      out[#out + 1], out[#out + 2] = id, v
      taken[#taken + 1] = id
      set[#set + 1], set[#set + 2] = 'i:' .. id, v
      zdue[#zdue + 1], zdue[#zdue + 2] = text(lane * lane_width + till), id
      zleased[#zleased + 1], zleased[#zleased + 2] = text(till), id
    end
    offset = offset + #ids
  end
end

local head = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
while head[2] and good < n and expired < most do
  local lane = math.floor(tonumber(head[2]) / lane_width)
  from(lane)
  head = redis.call('ZRANGE', due, text((lane + 1) * lane_width), '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
end
if #out == 0 then return out end
send('HSET', rows, set)
send('ZADD', due, zdue)
send('ZADD', leased, zleased)
redis.call('SET', mark, cmsgpack.pack(taken), 'EX', ttl)
return out
