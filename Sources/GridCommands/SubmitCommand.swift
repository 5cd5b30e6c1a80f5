import Base
import Foundation
import Grids
import Language
import Session
import Workspace

/// Hands many jobs to an engine.
struct SubmitCommand: Command {
  static let signature = Signature("submit", in: "training", "Hands jobs to Slurm or to this machine")
    .effect(.session(.manages))
    .argument("what", .string, "A grid, a command line with {placeholders}, or both", optional: true, repeating: true)
    .argument(
      "over", .string, "A value that differs between jobs, NAME=V1,V2", keyword: "over", optional: true, repeating: true
    )
    .argument("batch", .word("batch"), "Name of the batch", keyword: "as", optional: true)
    .flag("file", .path, "A recipe that each job runs, in a workspace of its own; -f for short")
    .short("-f", for: "file")
    .flag("engine", .choice(Batch.Engine.allCases.map(\.rawValue)), default: .string("local"), "Who runs the jobs")
    .flag("jobs", .int, "How many run at once on the engine local; 1 by default")
    .flag("partition", .word("partition"), "Slurm: the partition")
    .flag("time", .word("time"), "Slurm: the time of each job, 8:00:00")
    .flag("gpus", .int, "Slurm: GPUs of each job")
    .flag("cpus", .int, "Slurm: CPU cores of each job")
    .flag("mem", .word("size"), "Slurm: the memory of each job, 32G")
    .flag("array-limit", .int, "Slurm: how many jobs run at once")
    .flag("after", .word("batch"), "Wait for this batch; job by job where both have the same jobs")
    .flag(
      "with", .string, "Names of objects that the jobs' workspaces get, besides those that the recipe and --over name"
    )
    .flag("result", .string, "A file that each job must leave behind, with {placeholders}")
    .flag("on-restart", .string, "The command line of a job that starts again after preemption or by `retry`")
    .returns(.record)
    .searchTerms(
      "slurm", "sbatch", "cluster", "array", "parallel", "many", "background", "queue", "gpu", "batch", "train", "grid"
    )
    .details(
      """
      `submit GRID 'python train.py --model_config {model_config} --learning_rate {learning_rate}'` runs a line for each run of \
      a grid; a placeholder is an axis, a training setting, or one of {run}, {model_config}, {dataset_configs_path} and \
      {settings}, the run's YAML files. `submit --file eval.vc --over twin=a,b --over rec=sim,nova` runs a recipe for each \
      combination of values. `submit 'fit.sh {session}' --over session=A,B` runs any command line. `{workspace}` is a workspace \
      of the job's own.

      A recipe runs in a workspace of the job's own, `jobs/BATCH/work/JOB`. It begins with the twins, recordings and tables \
      that the recipe's text and the values name, at the versions that they have now. `gather BATCH` copies its results into this workspace.

      With --engine slurm the jobs are one array; the script is `jobs/BATCH/submit.slurm`, which also works without vcsh. With \
      --engine local a background process runs them, and continues after the shell ends. A job that Slurm preempts is started \
      again, as by `retry`: its recipe starts from its beginning in the same workspace. There `train` goes on from the last \
      finished epoch, and a result that has been named is made again and replaced. `jobs BATCH` shows where they stand, `logs` what they print; `cancel` and `retry --failed` do what they say.
      """)

  static let examples: [Example] = []

  func run(_ call: Call, in session: Session) throws -> Value {
    let request = try SubmitRequest(call, in: session)
    let batch = try request.submit()
    let status = try BatchStatus(batch)
    return .record(
      Record([
        ("batch", .string(batch.name)), ("engine", .string(batch.engine.rawValue)), ("jobs", .int(batch.jobs.count)),
        ("slurm_job", batch.submissions.last?.slurm.map { .string($0) } ?? .null), ("folder", .string(batch.folder)),
        ("state", .string(status.summary)),
      ]))
  }
}
