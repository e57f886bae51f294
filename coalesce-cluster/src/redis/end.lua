-- KEYS the lease · ARGV token, 'ask' | 'value' | 'nothing' | 'abandoned', frame, ms that it is kept, 'unsure' or '',
-- ms of a lease, bytes that may be published in all
local lease, token, how, frame = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local current = redis.call('GET', lease)
if current and string.sub(current, 1, 32) == token then redis.call('DEL', lease) end
if ARGV[5] ~= '' then redis.pcall('SET', lease .. ':x:' .. token, '', 'PX', ARGV[6]) end
local waiters = lease .. ':w:' .. token
local inboxes = redis.call('SMEMBERS', waiters)
if #inboxes == 0 or how == 'ask' then return #inboxes end
redis.call('DEL', waiters)
local what = how
if how == 'value' then
  -- A server that is full can still publish.
  local kept = redis.pcall('SET', lease .. ':r:' .. token, frame, 'PX', ARGV[4])
  if #frame * #inboxes <= tonumber(ARGV[7]) then
    what = 'value|' .. frame
  elseif kept.err then
    what = 'nothing'
  else
    what = 'fetch'
  end
end
for i = 1, #inboxes do
  redis.call('PUBLISH', inboxes[i], lease .. '|' .. token .. '|' .. what)
end
return #inboxes
