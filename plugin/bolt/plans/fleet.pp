# SPDX-License-Identifier: MIT
# @summary Says which targets drift from the desired state; with `apply` it converges them.
#
# Returns the names of the targets by what came of them. Fails, with the same report in its details, when a target
# failed.
#
# @param targets The machines.
# @param state The desired state.
# @param root An offline Windows volume on each target, in place of its own registry.
# @param store A folder of profile folders on each target, in place of its own registry.
# @param users Which profiles. Without it everybody's and the Default profile, which a store seldom has.
# @param exclude Which of those not.
# @param apply Whether to change what drifts. Without it nothing is written.
plan mapihttp::fleet(
  TargetSpec $targets,
  Enum['enabled', 'disabled', 'absent', 'allowed', 'policy'] $state = 'allowed',
  Optional[String[1]] $root = undef,
  Optional[String[1]] $store = undef,
  Variant[String[1], Array[String[1]]] $users = $store ? { undef => ['all', 'default'], default => 'all' },
  Optional[Variant[String[1], Array[String[1]]]] $exclude = undef,
  Boolean $apply = false,
) {
  $request = { 'state' => $state, 'users' => $users, 'exclude' => $exclude, 'root' => $root, 'store' => $store }
  $results = run_task('mapihttp::mapihttp', $targets, $request + { '_noop' => !$apply, '_catch_errors' => true }).results

  $word = $apply ? { true => 'changed', default => 'drifted' }
  # What has no `changed` is not mapihttp's, even where the task ended well.
  $failed = $results.filter |$result| { !$result.ok or $result.value['changed'] !~ Boolean }
  $differing = $results.filter |$result| { $result.ok and $result.value['changed'] == true }
  $others = $results.filter |$result| { $result.ok and $result.value['changed'] == false }
  $undo = $results.filter |$result| { $result.value['undo'] =~ NotUndef }
  $restart = $results.filter |$result| { $apply and $result.value['restart_required'] }

  $report = {
    'state'           => $state,
    'compliant'       => $others.map |$result| { $result.target.name },
    $word             => $differing.map |$result| { $result.target.name },
    'failed'          => Hash($failed.map |$result| {
      [$result.target.name, $result.ok ? {
        true    => 'mapihttp/no_result: the task gave no result',
        default => "${result.error.kind}: ${result.error.message}",
      }]
    }),
    'restart_outlook' => $restart.map |$result| { $result.target.name },
    'undo'            => Hash($undo.map |$result| { [$result.target.name, $result.value['undo']] }),
  }
  if !$failed.empty {
    fail_plan("${failed.size} of ${results.size} targets failed", 'mapihttp/failed', $report)
  }
  return $report
}
