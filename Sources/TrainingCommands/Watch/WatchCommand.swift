import Base
import Foundation
import Language
import Runs
import Session

/// Follows trainings of other tools while they run.
struct WatchCommand: Command {
  static let signature = Signature(
    "watch", in: "training", "Follows trainings of other tools while they run: curves, time left, alarms, recipes"
  )
  .argument("what", .string, "A folder with runs, a set of runs, or a run of an open set")
  .flag("fast", .string, "A recipe to run on checkpoints, with its parameters: `fast.vc` or `\"fast.vc --cells 12\"`")
  .flag(
    "every", of: "fast", written: "every", .int, default: .int(3), "Epochs from one checkpoint of --fast to the next"
  )
  .flag("slow", .string, "A second recipe, for what takes longer")
  .flag(
    "slow-every", of: "slow", written: "every", .int, default: .int(12),
    "Epochs from one checkpoint of --slow to the next"
  )
  .flag("minutes", .float, "End after this time")
  .flag("until-end", "End when all runs have ended and no recipe is at work")
  .flag(
    "while", .int, "Wait for the first run, and end when this process has ended and recipes are done: its number (pid)"
  )
  .flag("poll", .float, "Look for changes every this many seconds, instead of waiting for the system to report them")
  .flag("loss-up", .int, default: .int(5), "Alarm when a loss has risen in this many epochs, one after the other")
  .flag("still", .float, "Alarm when a log has not grown for this many minutes; 30 by default")
  .flag("on-alarm", .string, "Run this command of the system's shell at each alarm")
  .flag("tensorboard", .path, "Also write everything into event files for TensorBoard below this folder")
  .writes("tensorboard")
  .returns(.table(RunWatch.columns.signatures))
  .searchTerms("monitor", "live", "follow", "tail", "alarm", "nan", "diverge", "notify", "progress", "eta", "callback")
  .details(
    """
    vcsh only reads: no byte of the folder changes. On a terminal a view shows each run's epoch, step, score, speed, the time \
    left where the number of epochs is known, and, where eight runs of the set have ended, the forecast of `forecast`. Without a \
    terminal one line per finished epoch goes to standard error. Ctrl-C ends the watch at once; the same command goes on where \
    it was: alarms are not repeated, and no recipe runs twice on an epoch.

    A recipe gets the file of the epoch's checkpoint as its parameter `checkpoint`, and, where it declares them, `run` and \
    `epoch`. Other parameters follow its name; a value with spaces stands in quotation marks. It runs in a workspace of its own that is removed afterwards. What it prints is kept with the run: a table of one \
    row gives a number for each of its columns, a table with the columns `metric` and `value` a number for each row. `curves RUN` has them as \
    `fast/NAME` and `slow/NAME` beside what the training logged. One recipe runs at a time; when it falls behind, it takes \
    the newest checkpoint and says which it skips. Where an N-th epoch has no checkpoint, the next one is taken.

    Each alarm is a line once, until it is over, and in `status`: metrics are NaN or infinite (one line for all that become so within an epoch); a training of VisionCore diverges (scores or losses of exactly 0, skipped losses); a loss rises epoch after epoch; \
    steps take twice as long as before; the log has not grown; a checkpoint can't be read (one that is half written is tried \
    again for 10 seconds); a layer has channels whose weights are 0; widths of readouts are at their clamp; the \
    frontend's weight is at lag 0; a recipe's score of the quarter of cells with the lowest rates gets worse for three turns \
    while the mean gets better (`low_rate_bits_per_spike` of recipes/fast.vc); a recipe failed. \
    --on-alarm gets VCSH_ALARM, VCSH_ALARM_RUN and VCSH_ALARM_TEXT in its environment.

    --tensorboard writes one event file per run: all numbers that the run logs and that recipes give, and for each new checkpoint a \
    histogram of each tensor and a picture of the frontend's kernels (one row per kernel, the newest lag on the left, blue below 0, \
    red above).

    vcsh sees changes on local disks at once, and on network file systems within 5 seconds, or as often as --poll says.
    """)

  static let examples = [
    Example(
      "watch runs --minutes 0.01 | select run epochs metric best",
      "Look at the demo's old runs for half a second")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let word = try call.string("what")
    let span = call.span(of: "what")
    let options = try WatchOptions(call, in: session)
    let (root, glob, only) = try place(word, call, session)
    let watch = try RunWatch(
      root: root, glob: glob, isWanted: { run in only?.contains(run.run) ?? true }, options, in: session)
    do {
      return .table(try watch.run())
    } catch let failure as Failure {
      throw failure.located(at: span)
    }
  }

  /// The folder that is looked at, and the runs in it that are wanted; nil for all.
  private func place(_ word: String, _ call: Call, _ session: Session) throws -> (String, String?, Set<String>?) {
    let span = call.span(of: "what")
    var isFolder: ObjCBool = false
    let path = session.absolute(word)
    if try session.workspace.lookup(word)?.kind != .runs,
      FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    {
      return (path, nil, nil)
    }
    let hasSets = try !session.workspace.names(kinds: [.runs]).isEmpty
    let parent = (path as NSString).deletingLastPathComponent
    if !hasSets || word.contains("/"), try session.workspace.lookup(word) == nil,
      FileManager.default.fileExists(atPath: parent, isDirectory: &isFolder), isFolder.boolValue,
      !FileManager.default.fileExists(atPath: path), !hasSets || (try? session.run(meantBy: word, at: span)) == nil
    {
      // A training that starts later makes its folder; one with nearly this name is another matter.
      if let hint = Suggestion.hint(forPath: path) {
        throw Failure(.missing, "\(path): no such folder", hint: hint, span: span)
      }
      return (path, nil, nil)
    }
    guard hasSets else {
      throw Failure(.missing, "\(path): no such folder", hint: Suggestion.hint(forPath: path), span: span)
    }
    if try session.workspace.lookup(word)?.kind == .runs {
      let set = try session.runSet(named: word, at: span)
      return (set.root, set.glob, nil)
    }
    let named = try session.run(meantBy: word, at: span)
    return (named.runs.root, named.runs.glob, [named.run.run])
  }
}
