import Base
import Foundation

/// What a batch's jobs run, and the files that say so.
package struct BatchPlan {
  /// The command line of each job.
  package var commands: [String]
  /// The command line of a job that starts again, after preemption or by `retry`; empty: the same.
  package var restarts: [String] = []
  /// The folder in which they start.
  package var folder: String

  package init(commands: [String], folder: String) { (self.commands, self.folder) = (commands, folder) }

  /// Makes the batch's folder, as a whole: it appears under its name when it is complete.
  ///
  /// - Throws: `conflict` where there is one; `system` where the system refuses.
  package func write(_ batch: Batch) throws {
    let files = FileManager.default
    let home = batch.folder
    for folder in ["records", "logs", "work"] {
      do {
        try files.createDirectory(atPath: "\(home)/\(folder)", withIntermediateDirectories: true)
      } catch {
        throw Failure(.system, "can't make \(home): \((error as NSError).localizedDescription)")
      }
    }
    try put(batch.jobs.map(\.name), "names", home)
    try put(commands, "commands", home)
    if !restarts.isEmpty { try put(restarts, "restarts", home) }
    try AtomicFile.write(Data(TaskScript.text(batch, startFolder: folder).utf8), to: home + "/task")
    chmod(home + "/task", 0o755)
    try AtomicFile.write(Data(WorkspaceScript.text.utf8), to: home + "/workspace")
    chmod(home + "/workspace", 0o755)
    if batch.engine == .slurm { try batch.writeScript() }
    try batch.save()
  }

  private func put(_ lines: [String], _ name: String, _ home: String) throws {
    try AtomicFile.write(Data(lines.map { $0 + "\n" }.joined().utf8), to: "\(home)/\(name)")
  }
}

extension Batch {
  /// Writes the script that `sbatch` gets.
  package func writeScript() throws {
    try AtomicFile.write(Data(SlurmScript.text(self).utf8), to: folder + "/submit.slurm")
    chmod(folder + "/submit.slurm", 0o755)
  }
}

/// The script that runs one job, for every engine.
enum TaskScript {
  /// The status of a job whose own record can't be written.
  static let unrecorded = 122

  static func text(_ batch: Batch, startFolder: String) -> String {
    """
    #!/bin/bash
    # Runs job N of the batch `\(batch.name)`: ./task N
    # Line N of `commands` is its command line, line N of `names` its name. It leaves records/N.start and records/N.end.
    cd "$(dirname "$0")" || exit 125
    batch=$PWD
    n=$1
    record() {
      printf '%s\\n' "$2" > "records/.$n.$1.$$" && mv "records/.$n.$1.$$" "records/$n.$1" && return
      echo "vcsh: the record of job $n can't be written to $batch/records" >&2
      exit \(unrecorded)
    }
    line=commands
    # A job that started before goes on, where the batch says how.
    if [ -s restarts ] && [ -e "records/$n.start" -o -e "records/$n.before" ]; then line=restarts; fi
    command=$(sed -n "${n}p" "$line")
    [ -n "$command" ] || { echo "vcsh: this batch has no job $n" >&2; exit 125; }
    rm -f "records/$n.end"
    # The log is the last start's from here on.
    record start "$(hostname) $(date +%s.%N) $$ $(stat -c %s "logs/$n.log" 2>/dev/null)"
    export VCSH_JOB=$n VCSH_JOB_NAME=$(sed -n "${n}p" names)
    cd \(ShellWord.quoted(startFolder)) || exit 125
    bash -c "$command"
    code=$?
    cd "$batch" || exit 125
    record end "$code $(date +%s.%N)"
    # What a signal has killed ends by that signal here, too, so that the engine knows.
    if [ "$code" -gt 128 ]; then kill -s $((code - 128)) $$; fi
    exit "$code"

    """
  }
}

/// The script that makes a job's own workspace, once.
enum WorkspaceScript {
  static let text = """
    #!/bin/bash
    # Makes the workspace of a job, if it is not there: ./workspace FOLDER
    # It begins as `seed`: the objects that the batch's jobs use. Its objects are links, which take no room.
    set -e
    [ -e "$1/workspace.sqlite" ] && exit 0
    seed=$(dirname "$0")/seed
    rm -rf "$1.new"
    mkdir -p "$1.new/objects" "$1.new/figures" "$1.new/recipes"
    cp -r --link "$seed/objects/." "$1.new/objects/" || cp -r "$seed/objects/." "$1.new/objects/"
    cp "$seed/workspace.sqlite" "$1.new/"
    mv "$1.new" "$1"

    """
}
