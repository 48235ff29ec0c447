# SPDX-License-Identifier: MIT
# The stand-in's: names that begin with `_` are Bolt's, and a failure ends the plan unless it is to be caught.
Puppet::Functions.create_function(:run_task) do
  dispatch :run_task do
    param 'String[1]', :name
    param 'Boltlib::TargetSpec', :targets
    optional_param 'Hash[String[1], Any]', :arguments
    return_type 'ResultSet'
  end

  def run_task(name, targets, arguments = {})
    targets = targets.split(',') if targets.is_a?(String)
    options, parameters = arguments.partition { |key, _| key.start_with?('_') }.map(&:to_h)
    values = Puppet.lookup(:bolt_machines).run_task(Puppet.lookup(:bolt_compiler), name, targets, parameters,
                                                    options['_noop'])
    results = values.map { |target, value| made('Result', value, made('Target', target)) }
    unless options['_catch_errors'] || results.all?(&:ok)
      raise Failure.new('run_task failed on targets', 'bolt/run-failure')
    end
    made('ResultSet', results)
  end

  def made(type, *arguments)
    loader = Puppet.lookup(:loaders).private_environment_loader
    call_function('new', Puppet::Pops::Types::TypeParser.singleton.parse(type, loader), *arguments)
  end
end
