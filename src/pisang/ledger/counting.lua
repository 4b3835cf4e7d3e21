-- Takes what a request asks for from all of its counters, or nothing; gives back; reads.
--
-- The same windows as ledger/windows.py has them: a counter is a hash of bucket -> count. One script
-- is one step: nobody comes between.
--
-- ARGV: what to do, the time (empty: this server's clock, which all replicas share), then for
-- each key its fields. KEYS[1] lists the counters that there are.

local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end
local told = string.format('%.6f', now)

-- The bucket of now: a second, or a day, whose borders the caller knows (Los Angeles has summer).
local function bucket_of(kind, day, begins, ends)
  if kind == 'minute' then return math.floor(now) end
  if now < begins then return day - 1 end
  if now >= ends then return day + 1 end
  return day
end

local function drop(key, fields)
  if #fields > 0 then redis.call('HDEL', key, unpack(fields)) end
end

-- What a counter has, as a list of bucket, count, and what is over, to be dropped where something
-- is written. What a clock that jumped back left too far ahead is moved to now.
local function settled(key, kind, bucket, kept, ahead)
  local flat, found, over, moved = redis.call('HGETALL', key), {}, {}, 0
  for i = 1, #flat, 2 do
    local at, count = tonumber(flat[i]), tonumber(flat[i + 1])
    if at <= bucket - kept then
      over[#over + 1] = flat[i]
    elseif at > bucket + ahead then
      redis.call('HDEL', key, flat[i])
      moved = moved + count
    else
      found[#found + 1] = at
      found[#found + 1] = count
    end
  end
  if moved > 0 then
    local there = redis.call('HINCRBY', key, bucket, moved)
    drop(key, over)
    over = {}
    local known = false
    for i = 1, #found, 2 do
      if found[i] == bucket then
        found[i + 1] = there
        known = true
      end
    end
    if not known then
      found[#found + 1] = bucket
      found[#found + 1] = there
    end
  end
  return found, over
end

local function used(kind, bucket, flat)
  local sum = 0
  for i = 1, #flat, 2 do
    if kind ~= 'day' or flat[i] == bucket then sum = sum + flat[i + 1] end
  end
  return sum
end

if ARGV[1] == 'take' then
  -- ARGV: ..., how many keys are of the priority tier; for each key: name, kind, value, asked, kept,
  -- ahead, day, begins, ends.
  local shares, count = tonumber(ARGV[3]), #KEYS - 1
  local function field(number, at) return ARGV[3 + (number - 1) * 9 + at] end
  local buckets, overs = {}, {}

  local function refused(from, to)
    local found = {}
    for number = from, to do
      local kind, value, asked = field(number, 2), tonumber(field(number, 3)), tonumber(field(number, 4))
      local bucket = bucket_of(kind, tonumber(field(number, 7)), tonumber(field(number, 8)), tonumber(field(number, 9)))
      buckets[number] = bucket
      local flat, over = settled(KEYS[number + 1], kind, bucket, tonumber(field(number, 5)), tonumber(field(number, 6)))
      overs[number] = over
      if asked > 0 and used(kind, bucket, flat) + asked > value then
        found[#found + 1] = number
        found[#found + 1] = flat
      end
    end
    return found
  end

  local from, to = shares + 1, count
  if shares > 0 and #refused(1, shares) == 0 then
    from, to = 1, shares
  else
    local found = refused(from, to)
    if #found > 0 then return {0, told, found} end
  end
  local taken = {}
  for number = from, to do
    local key, kind, asked = KEYS[number + 1], field(number, 2), tonumber(field(number, 4))
    taken[#taken + 1] = buckets[number]
    if asked > 0 then
      local lives = kind == 'day' and 259200 or 180
      redis.call('HINCRBY', key, buckets[number], asked)
      drop(key, overs[number])
      if redis.call('TTL', key) < lives then redis.call('EXPIRE', key, lives) end
      redis.call('SADD', KEYS[1], field(number, 1))
      redis.call('EXPIRE', KEYS[1], 259200)
    end
  end
  return {1, told, (shares > 0 and from == 1) and 1 or 0, taken}
end

if ARGV[1] == 'give' then
  -- ARGV: ...; for each key: kind, bucket, count, kept, ahead, day, begins, ends.
  for number = 1, #KEYS - 1 do
    local key = KEYS[number + 1]
    local function field(at) return ARGV[2 + (number - 1) * 8 + at] end
    local kind, bucket, count = field(1), tonumber(field(2)), tonumber(field(3))
    local kept, ahead = tonumber(field(4)), tonumber(field(5))
    local present = bucket_of(kind, tonumber(field(6)), tonumber(field(7)), tonumber(field(8)))
    if bucket > present - kept and bucket <= present + ahead then
      local _, over = settled(key, kind, present, kept, ahead)
      drop(key, over)
      local there = tonumber(redis.call('HGET', key, bucket) or '0')
      local given = math.min(there, count)
      if given == there then redis.call('HDEL', key, bucket) else redis.call('HINCRBY', key, bucket, -given) end
    end
  end
  return told
end

-- Reads all counters of KEYS[1], as name, kind and buckets. KEYS beyond the first are theirs.
local found = {}
for number = 2, #KEYS do
  local kind = redis.call('TYPE', KEYS[number]).ok
  if kind == 'hash' then
    local flat = redis.call('HGETALL', KEYS[number])
    for i = 1, #flat do flat[i] = tonumber(flat[i]) end
    found[number - 1] = flat
  else
    found[number - 1] = {}
  end
end
return {told, found}
