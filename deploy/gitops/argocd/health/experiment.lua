-- An Experiment: Progressing while it runs or waits, Suspended on request, Degraded where it failed, Healthy at any other end.
local conditions = {}
local status = obj.status or {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end
local function health(name, message)
  return { status = name, message = message or "" }
end
local finished, succeeded, admitted = conditions.Finished, conditions.Succeeded, conditions.Admitted
if obj.metadata.deletionTimestamp ~= nil then
  return health("Progressing", "It is being deleted")
end
if finished ~= nil and finished.status == "True" then
  if status.verdict == "Failed" or succeeded == nil or succeeded.status ~= "True" then
    return health("Degraded", finished.reason .. ": " .. finished.message)
  end
  local verdict = status.verdict or "None"
  return health("Healthy", "Verdict " .. verdict .. ": " .. finished.message)
end
if obj.spec ~= nil and obj.spec.suspend == true then
  return health("Suspended", "spec.suspend is true")
end
if status.observedGeneration == nil or status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "The operator has not seen it yet")
end
if admitted ~= nil and admitted.status == "False" then
  return health("Progressing", admitted.reason .. ": " .. admitted.message)
end
local progress = status.progress or {}
return health("Progressing", "Running: " .. (progress.trials or 0) .. " trials ended, " .. (progress.blocks or 0) .. " blocks are complete")
