/** Completion scripts from the table: commands, options, values; names are asked of kubectl when they are wanted. Pure. */
import { COMMANDS, type Command, type Option, type SHELLS } from './table.ts';

export type Shell = (typeof SHELLS)[number];

/** What kubectl runs to complete the arguments of a plugin, found on PATH beside it: `kubectl_complete-vfbench`. */
const HINT = 'for `kubectl vfbench <TAB>`, see docs/cli.md';

export function completion(shell: Shell): string {
  if (shell === 'fish') return fish();
  const body = bash();
  return shell === 'zsh' ? `#compdef kubectl-vfbench\nautoload -U +X bashcompinit && bashcompinit\n${body}` : body;
}

const flags = ({ options }: Command): string =>
  [
    ...options.map(({ name }) => `--${name}`),
    ...options.flatMap(({ short }) => (short === undefined ? [] : [`-${short}`])),
  ].join(' ');

const named = ({ name, short }: Option): string => (short === undefined ? `--${name}` : `--${name}|-${short}`);

function valueCases(): string[] {
  const options = new Map(
    COMMANDS.flatMap((command) =>
      command.options.map((option) => [`${command.name}/${option.name}`, { command, option }] as const),
    ),
  );
  return [...options.values()].flatMap(({ command, option }) => {
    const at = named(option)
      .split('|')
      .map((one) => `${command.name}:${one}`)
      .join('|');
    if (option.choices !== undefined) return [`    ${at}) words='${option.choices.join(' ')}' ;;`];
    if (option.value === 'FILE') return [`    ${at}) COMPREPLY=($(compgen -f -- "$cur")); return ;;`];
    if (option.value === 'NAMESPACE')
      return [`    ${at}) words=$(kubectl get namespaces -o name 2>/dev/null | sed 's|.*/||') ;;`];
    return option.value === undefined ? [] : [`    ${at}) return ;;`];
  });
}

function argumentCase(command: Command): string {
  const { name, completes } = command;
  const own =
    completes === undefined
      ? ''
      : typeof completes === 'string'
        ? ` $(kubectl get ${completes} "\${scope[@]}" -o name 2>/dev/null | sed 's|.*/||')`
        : ` ${completes.join(' ')}`;
  return `      ${name}) words="${flags(command)}${own}" ;;`;
}

function bash(): string {
  const names = COMMANDS.map(({ name }) => name).join(' ');
  return `# completion of kubectl-vfbench; ${HINT}
_kubectl_vfbench() {
  local cur prev command words i
  local -a scope=()
  cur="\${COMP_WORDS[COMP_CWORD]}"
  prev="\${COMP_WORDS[COMP_CWORD-1]}"
  command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} --help --version" -- "$cur"))
    return
  fi
  for ((i = 2; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      -n|--namespace|--kubeconfig|--context) scope+=("\${COMP_WORDS[i]}" "\${COMP_WORDS[i+1]}") ;;
    esac
  done
  words=''
  case "$command:$prev" in
${valueCases().join('\n')}
    *) case "$command" in
${COMMANDS.map(argumentCase).join('\n')}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _kubectl_vfbench kubectl-vfbench
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;

function fish(): string {
  const lines = COMMANDS.flatMap((command) => {
    const at = `-n '__fish_seen_subcommand_from ${command.name}'`;
    const { completes } = command;
    const words =
      typeof completes === 'string'
        ? `(kubectl get ${completes} -o name 2>/dev/null | string replace -r '.*/' '')`
        : completes?.join(' ');
    return [
      `complete -c kubectl-vfbench -f -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`,
      ...(words === undefined ? [] : [`complete -c kubectl-vfbench -f ${at} -a "${words}"`]),
      ...command.options.map(
        ({ name, short, value, choices, help }) =>
          `complete -c kubectl-vfbench ${at} -l ${name}${short === undefined ? '' : ` -s ${short}`}${value === undefined ? '' : value === 'FILE' ? ' -r -F' : ' -x'}${choices === undefined ? '' : ` -a '${choices.join(' ')}'`} -d ${quoted(help)}`,
      ),
    ];
  });
  return `# completion of kubectl-vfbench; ${HINT}\n${lines.join('\n')}\n`;
}
