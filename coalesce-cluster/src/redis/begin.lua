-- KEYS the lease · ARGV token, ms of the lease, inbox, awaited token or '', 'fresh' or '', bytes that can be answered
local lease, token, ms, inbox, awaited = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if awaited ~= '' then
  local frame = redis.call('GET', lease .. ':r:' .. awaited)
  if frame and #frame > tonumber(ARGV[6]) then return {'fetch'} end
  if frame then return {'landed', frame} end
end
if redis.call('EXISTS', lease .. ':x:' .. token) == 1 then return {'dead'} end
local current, leader = redis.call('GET', lease), nil
if current then current, leader = string.sub(current, 1, 32), string.sub(current, 33) end
if current == token then return {'lead'} end
if ARGV[5] == 'fresh' then
  redis.call('SET', lease, token .. inbox, 'PX', ms)
  if current then tell(lease, current, leader, 'displaced') end
  return {'lead'}
end
-- A flight that was displaced goes on for who waits.
if awaited ~= '' and awaited ~= current and redis.call('SISMEMBER', lease .. ':w:' .. awaited, inbox) == 1 then
  return {'join', awaited, redis.call('PTTL', lease .. ':w:' .. awaited), 'displaced'}
end
local left = current and redis.call('PTTL', lease) or 0
if left <= 0 then
  redis.call('SET', lease, token .. inbox, 'PX', ms)
  return {'lead'}
end
redis.call('SADD', lease .. ':w:' .. current, inbox)
redis.call('PEXPIRE', lease .. ':w:' .. current, left)
return {'join', current, left, ''}
