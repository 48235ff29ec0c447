# SPDX-License-Identifier: MIT
# A stand-in for Bolt, which cannot be had here: bolt.rb MODULEPATH, what to do as JSON on standard input, what came
# of it as JSON on standard output.
#
# Real, since Bolt leaves it to Puppet: how the module, its metadata and its plans are read, and which parameters are
# accepted. Played after Bolt's sources: what the command line makes of key=value, how a task is sent and started,
# what its output means (below); targets, results, run_task and fail_plan (modules/boltlib).
require 'json'
require 'open3'
require 'fileutils'
require 'tmpdir'
require 'puppet_pal'

class Failure < StandardError
  attr_reader :error

  def initialize(msg, kind, details = {})
    super(msg)
    @error = { 'msg' => msg, 'kind' => kind, 'details' => details || {} }
  end
end

# What plays a machine: a folder, in which the task runs.
class Machines
  def initialize(folders, features, environment)
    @folders = folders
    @features = features
    @environment = environment
  end

  def signature(compiler, name)
    compiler.task_signature(name) || raise(Failure.new("Could not find a task named '#{name}'", 'bolt/unknown-task'))
  end

  # What the command line makes of key=value; `types`: of the parameters, by name.
  def parse(types, arguments)
    arguments.to_h do |argument|
      key, text = argument.split('=', 2)
      value = begin
        JSON.parse(text, quirks_mode: true)
      rescue JSON::ParserError
        text
      end
      [key, types[key] && !types[key].instance?(value) ? text : value]
    end
  end

  # Why each of these sets of parameters (objects, or lists of key=value) is refused; null where it is not.
  def refusals(compiler, wanted)
    if wanted['task']
      signature = signature(compiler, wanted['task'])
      types = signature.task_hash['parameters']
      accepts = signature.method(:runnable_with?)
    else
      signature = compiler.plan_signature(wanted['plan'])
      types = signature.params_type.elements.to_h { |element| [element.name, element.value_type] }
      accepts = signature.method(:callable_with?)
    end
    wanted['parameters'].map do |given|
      refusal = nil
      accepts.call(given.is_a?(Array) ? parse(types, given) : given) { |why| refusal = why }
      refusal
    end
  end

  def run_task(compiler, name, targets, parameters, noop)
    signature = signature(compiler, name)
    parameters = parameters.dup
    signature.runnable_with?(parameters) { |why| raise Failure.new(why, 'bolt/pal-error') }
    metadata = signature.task_hash['metadata']
    if noop
      raise Failure.new('Task does not support noop', 'bolt/pal-error') unless metadata['supports_noop']
      parameters['_noop'] = true
    end
    parameters['_task'] = name
    files = signature.task_hash['files'].to_h { |file| [file['name'], file['path']] }
    targets.to_h { |target| [target, result(*start(metadata, files, parameters, @folders.fetch(target)))] }
  end

  private

  # The program of the task and the files that are sent with it, in a temporary folder, as the module has them.
  def start(metadata, files, parameters, folder)
    implementation = (metadata['implementations'] || [{ 'name' => files.keys.first }]).find do |candidate|
      ((candidate['requirements'] || []) - @features).empty?
    end
    raise Failure.new('No suitable implementation', 'bolt/no-implementation') unless implementation
    wanted = (implementation['files'] || []) + (metadata['files'] || [])
    sent = files.select { |name, _| wanted.any? { |w| w.end_with?('/') ? name.start_with?(w) : name == w } }
    Dir.mktmpdir do |installed|
      sent.each do |name, path|
        FileUtils.mkdir_p(File.join(installed, File.dirname(name)))
        FileUtils.install(path, File.join(installed, name), mode: 0o644)
      end
      unless sent.empty?
        parameters = parameters.merge('_installdir' => installed)
        installed = File.join(installed, 'mapihttp', 'tasks')
        FileUtils.mkdir_p(installed)
      end
      program = File.join(installed, implementation['name'])
      FileUtils.install(files.fetch(implementation['name']), program, mode: 0o744)
      Open3.capture3(@environment, program, stdin_data: JSON.dump(parameters), chdir: folder)
    end
  end

  # What a task's output means.
  def result(output, errors, status)
    raise Failure.new('The task result contained invalid UTF-8', 'bolt/error') unless output.valid_encoding?
    value = begin
      parsed = JSON.parse(output)
      parsed.is_a?(Hash) ? parsed : { '_output' => output }
    rescue JSON::ParserError
      { '_output' => output }
    end
    if value['_error'].nil? && !status.success?
      value['_error'] = { 'kind' => 'puppetlabs.tasks/task-error', 'issue_code' => 'TASK_ERROR', 'details' => {},
                          'msg' => "The task failed with exit code #{status.exitstatus}: #{errors}" }
    end
    value
  end
end

def answer(compiler, machines, wanted)
  case wanted['do']
  when 'parameters'
    machines.refusals(compiler, wanted)
  when 'tasks'
    compiler.list_tasks.to_h { |typed| [typed.name, machines.signature(compiler, typed.name).task_hash['metadata']] }
  when 'task'
    types = machines.signature(compiler, wanted['task']).task_hash['parameters']
    parameters = wanted['parameters'] || machines.parse(types, wanted['arguments'])
    machines.run_task(compiler, wanted['task'], wanted['targets'], parameters, wanted['noop'])
  when 'plan'
    result = compiler.call_function('run_plan', wanted['plan'], wanted['parameters'])
    Puppet::Pops::Serialization::ToDataConverter.convert(result, rich_data: false)
  end
end

def main(modulepath, wanted)
  Dir.mktmpdir do |settings|
    Puppet.initialize_settings(Puppet::Settings::REQUIRED_APP_SETTINGS.flat_map { |name| ["--#{name}", settings] })
    Puppet[:tasks] = true
    machines = Machines.new(wanted['machines'] || {}, wanted['features'] || ['shell'], wanted['environment'] || {})
    said = nil
    Puppet::Pal.in_tmp_environment('bolt', modulepath: modulepath, facts: {}) do |pal|
      pal.with_script_compiler do |compiler|
        compiler.evaluate_string('type TargetSpec = Boltlib::TargetSpec')
        Puppet.override(bolt_compiler: compiler, bolt_machines: machines) do
          said = answer(compiler, machines, wanted)
        end
      rescue Failure => failure
        said = { '_failure' => failure.error }
      rescue Puppet::Error => failure
        said = { '_failure' => (failure.cause.is_a?(Failure) ? failure.cause.error : { 'msg' => failure.message }) }
      end
    end
    puts JSON.dump(said)
  end
end

main(ARGV[0].split(':'), JSON.parse($stdin.read))
