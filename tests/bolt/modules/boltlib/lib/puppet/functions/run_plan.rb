# SPDX-License-Identifier: MIT
Puppet::Functions.create_function(:run_plan, Puppet::Functions::InternalFunction) do
  dispatch :run_plan do
    scope_param
    param 'String[1]', :name
    optional_param 'Hash[String[1], Any]', :arguments
  end

  def run_plan(scope, name, arguments = {})
    plan = Puppet.lookup(:loaders).private_environment_loader.load(:plan, name)
    raise Failure.new("Could not find a plan named '#{name}'", 'bolt/unknown-plan') if plan.nil?
    plan.class.dispatcher.dispatchers[0].call_by_name_with_scope(scope, arguments, true)
  end
end
