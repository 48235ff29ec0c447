# SPDX-License-Identifier: MIT
Puppet::Functions.create_function(:fail_plan) do
  dispatch :fail_plan do
    param 'String[1]', :msg
    optional_param 'String[1]', :kind
    optional_param 'Hash[String[1], Any]', :details
  end

  def fail_plan(msg, kind = 'bolt/plan-failure', details = {})
    raise Failure.new(msg, kind, details)
  end
end
