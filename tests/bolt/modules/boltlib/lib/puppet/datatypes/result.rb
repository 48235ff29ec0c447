# SPDX-License-Identifier: MIT
Puppet::DataTypes.create_type('Result') do
  interface <<-PUPPET
    attributes => { 'value' => Hash[String[1], Data], 'target' => Target },
    functions => { error => Callable[[], Optional[Error]], ok => Callable[[], Boolean] }
  PUPPET

  implementation do
    def ok
      !value.key?('_error')
    end

    def error
      found = value['_error']
      found && Puppet::DataTypes::Error.new(found['msg'], found['kind'], found['details'])
    end
  end
end
