-- Tells the inboxes that wait for a flight, and its leader's.
local function tell(lease, token, leader, what)
  local inboxes = redis.call('SMEMBERS', lease .. ':w:' .. token)
  if leader ~= '' then inboxes[#inboxes + 1] = leader end
  for i = 1, #inboxes do
    redis.call('PUBLISH', inboxes[i], lease .. '|' .. token .. '|' .. what)
  end
end
