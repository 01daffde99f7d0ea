# SPDX-License-Identifier: GPL-2.0
# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_heddle_global_optspecs
    string join \n j/json n/netns= color= h/help V/version
end

function __fish_heddle_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_heddle_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_heddle_using_subcommand
    set -l cmd (__fish_heddle_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c heddle -n "__fish_heddle_needs_command" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_needs_command" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_needs_command" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c heddle -n "__fish_heddle_needs_command" -s V -l version -d 'Print version'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "status" -d 'Show whether the module is loaded, what it is, and how much there is of everything'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "conn" -d 'Show MPTCP connections with their subflows, or change one'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "connection" -d 'Show MPTCP connections with their subflows, or change one'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "rule" -d 'Show or change the rules: which scheduler and which paths connections have'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "path" -d 'Show or change the paths: weight, cost and cap of subflows, by where their packets go'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "migrate" -d 'Show or change who inherits the connections of a listener that is closed'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "sched" -d 'Show the schedulers and their knobs, or set one of these knobs'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "scheduler" -d 'Show the schedulers and their knobs, or set one of these knobs'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "paths" -d 'Show what the path manager "heddle" is to do and did, or set its knobs'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "knob" -d 'Show or set knobs: the settings that sysctl has below net.heddle'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "counters" -d 'Show the counters of the namespace'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "monitor" -d 'Show events as they come, and how many were lost'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "top" -d 'Watch connections and their subflows; the key ? shows the keys'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "apply" -d 'Make the configuration that of a file: all of it, or nothing'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "export" -d 'Write the configuration as a file that apply takes'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "diff" -d 'Show what apply would change; exit with status 1 if there is anything'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "metrics" -d 'Write metrics in Prometheus\' text format'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "completions" -d 'Write a file that lets a shell complete this command'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "man" -d 'Write the manual page'
complete -c heddle -n "__fish_heddle_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand status" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand status" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand status" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand status" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and not __fish_seen_subcommand_from show set help" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand conn; and not __fish_seen_subcommand_from show set help" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand conn; and not __fish_seen_subcommand_from show set help" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and not __fish_seen_subcommand_from show set help" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and not __fish_seen_subcommand_from show set help" -f -a "show" -d 'Show connections with their subflows'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and not __fish_seen_subcommand_from show set help" -f -a "set" -d 'Give a connection to another scheduler while it lives'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and not __fish_seen_subcommand_from show set help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and __fish_seen_subcommand_from show" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand conn; and __fish_seen_subcommand_from show" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand conn; and __fish_seen_subcommand_from show" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and __fish_seen_subcommand_from set" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand conn; and __fish_seen_subcommand_from set" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand conn; and __fish_seen_subcommand_from set" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show connections with their subflows'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and __fish_seen_subcommand_from help" -f -a "set" -d 'Give a connection to another scheduler while it lives'
complete -c heddle -n "__fish_heddle_using_subcommand conn; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and not __fish_seen_subcommand_from show set help" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand connection; and not __fish_seen_subcommand_from show set help" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand connection; and not __fish_seen_subcommand_from show set help" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and not __fish_seen_subcommand_from show set help" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and not __fish_seen_subcommand_from show set help" -f -a "show" -d 'Show connections with their subflows'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and not __fish_seen_subcommand_from show set help" -f -a "set" -d 'Give a connection to another scheduler while it lives'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and not __fish_seen_subcommand_from show set help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and __fish_seen_subcommand_from show" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand connection; and __fish_seen_subcommand_from show" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand connection; and __fish_seen_subcommand_from show" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and __fish_seen_subcommand_from set" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand connection; and __fish_seen_subcommand_from set" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand connection; and __fish_seen_subcommand_from set" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show connections with their subflows'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and __fish_seen_subcommand_from help" -f -a "set" -d 'Give a connection to another scheduler while it lives'
complete -c heddle -n "__fish_heddle_using_subcommand connection; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and not __fish_seen_subcommand_from show add replace del delete flush help" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand rule; and not __fish_seen_subcommand_from show add replace del delete flush help" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand rule; and not __fish_seen_subcommand_from show add replace del delete flush help" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and not __fish_seen_subcommand_from show add replace del delete flush help" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and not __fish_seen_subcommand_from show add replace del delete flush help" -f -a "show" -d 'Show the rules in the words that add takes'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and not __fish_seen_subcommand_from show add replace del delete flush help" -f -a "add" -d 'Add a rule'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and not __fish_seen_subcommand_from show add replace del delete flush help" -f -a "replace" -d 'Put a rule in the place of the one with the same priority'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and not __fish_seen_subcommand_from show add replace del delete flush help" -f -a "del" -d 'Delete a rule, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and not __fish_seen_subcommand_from show add replace del delete flush help" -f -a "delete" -d 'Delete a rule, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and not __fish_seen_subcommand_from show add replace del delete flush help" -f -a "flush" -d 'Delete all rules'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and not __fish_seen_subcommand_from show add replace del delete flush help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from show" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from show" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from show" -s s -l stats -d 'With the number of connections that each has matched'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from show" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from add" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from add" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from add" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from replace" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from replace" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from replace" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from replace" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from del" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from del" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from del" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from del" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from delete" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from delete" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from delete" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from flush" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from flush" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from flush" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from flush" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the rules in the words that add takes'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a rule'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from help" -f -a "replace" -d 'Put a rule in the place of the one with the same priority'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from help" -f -a "del" -d 'Delete a rule, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from help" -f -a "flush" -d 'Delete all rules'
complete -c heddle -n "__fish_heddle_using_subcommand rule; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -f -a "show" -d 'Show the paths in the words that add takes'
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -f -a "add" -d 'Add a path'
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -f -a "replace" -d 'Put a path in the place of the one with the same priority; it goes on with its use'
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -f -a "del" -d 'Delete a path, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -f -a "delete" -d 'Delete a path, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -f -a "flush" -d 'Delete all paths'
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -f -a "reset" -d 'Set what was charged to a path to 0, or that of all paths'
complete -c heddle -n "__fish_heddle_using_subcommand path; and not __fish_seen_subcommand_from show add replace del delete flush reset help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from show" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from show" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from show" -s s -l stats -d 'With the bytes that were charged to each'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from show" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from add" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from add" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from add" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from replace" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from replace" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from replace" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from replace" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from del" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from del" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from del" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from del" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from delete" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from delete" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from delete" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from flush" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from flush" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from flush" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from flush" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from reset" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from reset" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from reset" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the paths in the words that add takes'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a path'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from help" -f -a "replace" -d 'Put a path in the place of the one with the same priority; it goes on with its use'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from help" -f -a "del" -d 'Delete a path, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from help" -f -a "flush" -d 'Delete all paths'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from help" -f -a "reset" -d 'Set what was charged to a path to 0, or that of all paths'
complete -c heddle -n "__fish_heddle_using_subcommand path; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -f -a "show" -d 'Show the knobs of migration, and the migrations in the words that add takes'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -f -a "set" -d 'Set a knob of migration: policy is migrate.policy'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -f -a "add" -d 'Add a migration: policies for some listeners'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -f -a "replace" -d 'Put a migration in the place of the one with the same priority'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -f -a "del" -d 'Delete a migration, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -f -a "delete" -d 'Delete a migration, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -f -a "flush" -d 'Delete all migrations'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -f -a "watch" -d 'Show what becomes of connections whose listener is closed, as it happens'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and not __fish_seen_subcommand_from show set add replace del delete flush watch help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from show" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from show" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from show" -s s -l stats -d 'With what was counted'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from show" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from set" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from set" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from set" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from add" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from add" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from add" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from replace" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from replace" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from replace" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from replace" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from del" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from del" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from del" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from del" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from delete" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from delete" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from delete" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from flush" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from flush" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from flush" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from flush" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from watch" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from watch" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from watch" -s t -l timestamps -d 'Begin each line with the time, in seconds since 1970'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from watch" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from watch" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the knobs of migration, and the migrations in the words that add takes'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set a knob of migration: policy is migrate.policy'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a migration: policies for some listeners'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "replace" -d 'Put a migration in the place of the one with the same priority'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "del" -d 'Delete a migration, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "flush" -d 'Delete all migrations'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "watch" -d 'Show what becomes of connections whose listener is closed, as it happens'
complete -c heddle -n "__fish_heddle_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and not __fish_seen_subcommand_from show set help" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand sched; and not __fish_seen_subcommand_from show set help" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand sched; and not __fish_seen_subcommand_from show set help" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and not __fish_seen_subcommand_from show set help" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and not __fish_seen_subcommand_from show set help" -f -a "show" -d 'Show the schedulers and their knobs'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and not __fish_seen_subcommand_from show set help" -f -a "set" -d 'Set a knob of the schedulers: default is sched.default'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and not __fish_seen_subcommand_from show set help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and __fish_seen_subcommand_from show" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand sched; and __fish_seen_subcommand_from show" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand sched; and __fish_seen_subcommand_from show" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and __fish_seen_subcommand_from set" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand sched; and __fish_seen_subcommand_from set" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand sched; and __fish_seen_subcommand_from set" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the schedulers and their knobs'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set a knob of the schedulers: default is sched.default'
complete -c heddle -n "__fish_heddle_using_subcommand sched; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and not __fish_seen_subcommand_from show set help" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and not __fish_seen_subcommand_from show set help" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and not __fish_seen_subcommand_from show set help" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and not __fish_seen_subcommand_from show set help" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and not __fish_seen_subcommand_from show set help" -f -a "show" -d 'Show the schedulers and their knobs'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and not __fish_seen_subcommand_from show set help" -f -a "set" -d 'Set a knob of the schedulers: default is sched.default'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and not __fish_seen_subcommand_from show set help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and __fish_seen_subcommand_from show" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and __fish_seen_subcommand_from show" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and __fish_seen_subcommand_from show" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and __fish_seen_subcommand_from set" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and __fish_seen_subcommand_from set" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and __fish_seen_subcommand_from set" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the schedulers and their knobs'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set a knob of the schedulers: default is sched.default'
complete -c heddle -n "__fish_heddle_using_subcommand scheduler; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and not __fish_seen_subcommand_from show set help" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand paths; and not __fish_seen_subcommand_from show set help" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand paths; and not __fish_seen_subcommand_from show set help" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and not __fish_seen_subcommand_from show set help" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and not __fish_seen_subcommand_from show set help" -f -a "show" -d 'Show its knobs and its counters'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and not __fish_seen_subcommand_from show set help" -f -a "set" -d 'Set its knobs: mesh is pm.mesh'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and not __fish_seen_subcommand_from show set help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and __fish_seen_subcommand_from show" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand paths; and __fish_seen_subcommand_from show" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand paths; and __fish_seen_subcommand_from show" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and __fish_seen_subcommand_from set" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand paths; and __fish_seen_subcommand_from set" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand paths; and __fish_seen_subcommand_from set" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show its knobs and its counters'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set its knobs: mesh is pm.mesh'
complete -c heddle -n "__fish_heddle_using_subcommand paths; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and not __fish_seen_subcommand_from show set help" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand knob; and not __fish_seen_subcommand_from show set help" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand knob; and not __fish_seen_subcommand_from show set help" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and not __fish_seen_subcommand_from show set help" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and not __fish_seen_subcommand_from show set help" -f -a "show" -d 'Show knobs'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and not __fish_seen_subcommand_from show set help" -f -a "set" -d 'Set a knob'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and not __fish_seen_subcommand_from show set help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and __fish_seen_subcommand_from show" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand knob; and __fish_seen_subcommand_from show" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand knob; and __fish_seen_subcommand_from show" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and __fish_seen_subcommand_from set" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand knob; and __fish_seen_subcommand_from set" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand knob; and __fish_seen_subcommand_from set" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show knobs'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set a knob'
complete -c heddle -n "__fish_heddle_using_subcommand knob; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand counters" -s w -l watch -d 'Show by how much they grow per second, again and again' -r
complete -c heddle -n "__fish_heddle_using_subcommand counters" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand counters" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand counters" -s r -l reset -d 'Set all of them to 0'
complete -c heddle -n "__fish_heddle_using_subcommand counters" -s a -l all -d 'Show also those that are 0, or do not grow'
complete -c heddle -n "__fish_heddle_using_subcommand counters" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand counters" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand monitor" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand monitor" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand monitor" -s t -l timestamps -d 'Begin each line with the time, in seconds since 1970'
complete -c heddle -n "__fish_heddle_using_subcommand monitor" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand monitor" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand top" -s i -l interval -d 'Time between two looks' -r
complete -c heddle -n "__fish_heddle_using_subcommand top" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand top" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand top" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand top" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand apply" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand apply" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand apply" -l dry-run -d 'Only show what would change'
complete -c heddle -n "__fish_heddle_using_subcommand apply" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand apply" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand export" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand export" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand export" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand export" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand diff" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand diff" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand diff" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand diff" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand metrics" -s l -l listen -d 'Answer requests for /metrics at this address instead' -r
complete -c heddle -n "__fish_heddle_using_subcommand metrics" -s o -l output -d 'Write a file instead, whole at any time' -r -F
complete -c heddle -n "__fish_heddle_using_subcommand metrics" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand metrics" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand metrics" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand metrics" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand completions" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand completions" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand completions" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand completions" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand man" -s n -l netns -d 'Work in a network namespace, named as ip-netns(8) does, or by a path' -r
complete -c heddle -n "__fish_heddle_using_subcommand man" -l color -d 'Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c heddle -n "__fish_heddle_using_subcommand man" -s j -l json -d 'Write JSON; monitor and --watch write one object per line'
complete -c heddle -n "__fish_heddle_using_subcommand man" -s h -l help -d 'Print help'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "status" -d 'Show whether the module is loaded, what it is, and how much there is of everything'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "conn" -d 'Show MPTCP connections with their subflows, or change one'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "rule" -d 'Show or change the rules: which scheduler and which paths connections have'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "path" -d 'Show or change the paths: weight, cost and cap of subflows, by where their packets go'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "migrate" -d 'Show or change who inherits the connections of a listener that is closed'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "sched" -d 'Show the schedulers and their knobs, or set one of these knobs'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "paths" -d 'Show what the path manager "heddle" is to do and did, or set its knobs'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "knob" -d 'Show or set knobs: the settings that sysctl has below net.heddle'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "counters" -d 'Show the counters of the namespace'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "monitor" -d 'Show events as they come, and how many were lost'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "top" -d 'Watch connections and their subflows; the key ? shows the keys'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "apply" -d 'Make the configuration that of a file: all of it, or nothing'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "export" -d 'Write the configuration as a file that apply takes'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "diff" -d 'Show what apply would change; exit with status 1 if there is anything'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "metrics" -d 'Write metrics in Prometheus\' text format'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "completions" -d 'Write a file that lets a shell complete this command'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "man" -d 'Write the manual page'
complete -c heddle -n "__fish_heddle_using_subcommand help; and not __fish_seen_subcommand_from status conn rule path migrate sched paths knob counters monitor top apply export diff metrics completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from conn" -f -a "show" -d 'Show connections with their subflows'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from conn" -f -a "set" -d 'Give a connection to another scheduler while it lives'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from rule" -f -a "show" -d 'Show the rules in the words that add takes'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from rule" -f -a "add" -d 'Add a rule'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from rule" -f -a "replace" -d 'Put a rule in the place of the one with the same priority'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from rule" -f -a "del" -d 'Delete a rule, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from rule" -f -a "flush" -d 'Delete all rules'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from path" -f -a "show" -d 'Show the paths in the words that add takes'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from path" -f -a "add" -d 'Add a path'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from path" -f -a "replace" -d 'Put a path in the place of the one with the same priority; it goes on with its use'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from path" -f -a "del" -d 'Delete a path, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from path" -f -a "flush" -d 'Delete all paths'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from path" -f -a "reset" -d 'Set what was charged to a path to 0, or that of all paths'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "show" -d 'Show the knobs of migration, and the migrations in the words that add takes'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "set" -d 'Set a knob of migration: policy is migrate.policy'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "add" -d 'Add a migration: policies for some listeners'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "replace" -d 'Put a migration in the place of the one with the same priority'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "del" -d 'Delete a migration, by its priority or by what it says'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "flush" -d 'Delete all migrations'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "watch" -d 'Show what becomes of connections whose listener is closed, as it happens'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from sched" -f -a "show" -d 'Show the schedulers and their knobs'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from sched" -f -a "set" -d 'Set a knob of the schedulers: default is sched.default'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from paths" -f -a "show" -d 'Show its knobs and its counters'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from paths" -f -a "set" -d 'Set its knobs: mesh is pm.mesh'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from knob" -f -a "show" -d 'Show knobs'
complete -c heddle -n "__fish_heddle_using_subcommand help; and __fish_seen_subcommand_from knob" -f -a "set" -d 'Set a knob'
