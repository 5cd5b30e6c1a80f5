import Base
import Foundation
import Grids
import Language
import Session
import Workspace

/// Plans many trainings that differ along named axes.
struct GridCommand: Command {
  static let signature = Signature("grid", in: "training", "Plans many trainings that differ along named axes")
    .effect(.changes)
    .argument("action", .choice(["new", "show", "add", "drop", "export"]), "What to do with the grid")
    .argument("grid", .word("grid"), "Its name")
    .argument(
      "axis", .string,
      "An axis and its values, PATH=V1,V2: a path in the YAML files, a flag of the training, sessions or cells",
      optional: true, repeating: true, orFlag: true
    )
    .flag("base", .path, "The model's YAML, or the settings of a run with `model_config` and `dataset_configs_path`")
    .flag("data", .path, "The dataset YAML with `sessions`")
    .flag("seeds", .int, "An axis of this many seeds, from 0; VisionCore sets no seed")
    .flag("where", .string, "A condition over the axes: the runs to keep (new, add) or to drop (drop)")
    .flag("cells-from", .object(kinds: ["table"]), "A table with `cid` and `session`, for conditions of the axis cells")
    .flag("to", .path, "The folder that `export` writes")
    .replace()
    .writes("to")
    .names("grid", kinds: ["grid"])
    .returns(.table([]))
    .searchTerms(
      "sweep", "hyperparameters", "many runs", "plan", "configurations", "seeds", "cluster", "cost", "hours", "yaml"
    )
    .details(
      """
      `grid new NAME --base MODEL.yaml --axis PATH=V1,V2 …` makes a run for each combination of values. A path leads into the \
      model's YAML (`convnet.params.block_configs.0.norm_type`), into the dataset YAML (`sampling.target_rate`), or is a flag \
      of the training (`learning_rate`); `model.`, `data.` or `training.` in front of it says which. vcsh reads each \
      configuration as it would to open the twin and the recordings: an option that does not exist, or a value that it can't \
      have, is an error; with --data also a mask or a kernel that leaves nothing of the dataset's lags. What VisionCore alone knows may vary where the base YAML has it. A run's name begins with its number, so that names sort as the grid does, and says the value on each axis.

      `--axis sessions=all,single` takes all sessions together and each alone; `leave-one-out` takes all but one, each once; \
      `[A, B]` takes these two. `--axis cells=all,CONDITION` restricts the `cids` of each session to the cells of a table that \
      meet the condition: `--axis "cells=all,bits_per_spike > 0.1" --cells-from scores`. `cells=single-units` stands for the \
      condition `single_unit`.

      `grid show` shows for each run what it will cost and whether it has been done. The hours are the geometric mean of the \
      known runs that agree with it on the most axes, at least three where there are as many; where the number of epochs is \
      known, hours scale with it. The interval is where the next such run falls in 90 of 100 cases, if hours are log-normal. \
      Known runs are those of all open sets (`open FOLDER as SET`) and of jobs. Runs that record none of \
      the axes tell nothing about the cost. A run counts as done if a job ran the same configuration, or if a log has the \
      same value on every axis, no other value of a shared training setting, and the same in the model's and the dataset \
      YAML that it names (`model_cfg`, `cfg_dir`); names have no part in it. Where these files can't be read, `done_state` \
      says which run may be the same.

      `grid export NAME --to FOLDER` writes `RUN/model.yaml`, `RUN/data.yaml` and `RUN/run.yaml` with VisionCore's keys, and \
      `runs.csv`. A comment marks the lines that only vcsh knows. `submit NAME` hands the runs to an engine.
      """)

  static let examples = [
    Example(
      "grid new sweep --base checkpoints/model.yaml --data recordings/multi_sim_120_all.yaml "
        + "--axis learning_rate=0.003,0.01 --axis sessions=all,single --replace | select run learning_rate sessions",
      "Two learning rates, on all sessions and on each alone"),
    Example(
      "open runs as logs; grid new norms --base checkpoints/model.yaml "
        + "--axis convnet.params.block_configs.0.norm_type=grn,layer --axis learning_rate=0.003 --seeds 2 --replace "
        + "| select norm_type seed done done_state",
      "What has been done already"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("grid")
    switch try call.string("action") {
    case "new": return try make(name, call, session)
    case "add": return try add(name, call, session)
    case "drop": return try drop(name, call, session)
    case "export": return try export(name, call, session)
    default:
      try refuse(["axis", "base", "data", "seeds", "where", "cells-from", "to"], "show", call)
      return .table(try session.outlook(of: session.grid(named: name, at: call.span(of: "grid")).grid))
    }
  }

  // MARK: Actions

  private func make(_ name: String, _ call: Call, _ session: Session) throws -> Value {
    try refuse(["to"], "new", call)
    do {
      try session.checkNew(name, replacing: call.isSet("replace"), at: call.span(of: "grid"))
    } catch var failure as Failure where failure.kind == .conflict {
      failure.hint = "choose another name, or add --replace; `grid add` and `grid drop` change a grid"
      throw failure
    }
    guard let path = try call.optionalString("base") else {
      throw Failure(
        .usage, "grid new needs the configuration that its runs have in common", hint: "--base takes the model's YAML",
        span: call.span)
    }
    let texts = call.strings("axis")
    let needsCells = texts.contains { $0.hasPrefix("cells=") }
    let base: GridBase
    do {
      base = try GridBase(
        path: session.absolute(path), data: call.optionalString("data").map(session.absolute), readsSessions: needsCells
      )
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: failure.message.hasPrefix(session.absolute(path)) ? "base" : "data"))
    }
    let (axes, remarks) = try axes(texts, base, call, session)
    guard !axes.isEmpty else {
      throw Failure(
        .usage, "grid new needs an axis", hint: "--axis learning_rate=1e-3,3e-3, or --seeds 3", span: call.span)
    }
    var grid = try Grid(base: base, axes: axes)
    if let kept = try matches(grid, call) { grid.keep(kept) }
    guard !grid.runs.isEmpty else {
      throw Failure(.undefined, "--where leaves no run", span: call.span(of: "where"))
    }
    try check(grid, remarks, call, session)
    session.changes.versions.append(.init(try session.stored(grid), name: name, replacing: call.replacing))
    session.changes.inputs.append(.init(role: "input", version: nil, detail: base.files.joined(separator: ", ")))
    return .table(try session.outlook(of: grid))
  }

  private func add(_ name: String, _ call: Call, _ session: Session) throws -> Value {
    try refuse(["base", "data", "to"], "add", call)
    let (stored, version) = try session.grid(named: name, at: call.span(of: "grid"))
    var grid = stored
    let known = Set(grid.runs.map(\.name))
    let (axes, remarks) = try axes(call.strings("axis"), grid.base, call, session)
    guard !axes.isEmpty else {
      throw Failure(
        .usage, "grid add needs values for an axis", hint: "--axis PATH=V3,V4, or --seeds 5", span: call.span)
    }
    var count = try grid.extend(axes)
    if let kept = try matches(grid, call) {
      let isKept = zip(grid.runs, kept).map { known.contains($0.name) || $1 }
      count -= isKept.count { !$0 }
      grid.keep(isKept)
    }
    guard count > 0 else {
      throw Failure(.conflict, "the grid has all of these runs already", span: call.span(of: "axis"))
    }
    try check(grid, remarks, call, session)
    return try replace(name, version, grid, session)
  }

  private func drop(_ name: String, _ call: Call, _ session: Session) throws -> Value {
    try refuse(["base", "data", "seeds", "cells-from", "to"], "drop", call)
    let (stored, version) = try session.grid(named: name, at: call.span(of: "grid"))
    var grid = stored
    let names = call.strings("axis")
    if let unknown = names.first(where: { name in !grid.runs.contains { $0.name == name } }) {
      throw Failure(
        .missing, "`\(name)` has no run `\(unknown.shortened)`",
        hint: Suggestion.hint(for: unknown, among: grid.runs.map(\.name)) ?? "`grid show \(name)` lists its runs",
        span: call.span(of: "axis"))
    }
    guard !names.isEmpty || call.isGiven("where") else {
      throw Failure(
        .usage, "grid drop needs runs or a condition", hint: "name runs, or use --where \"learning_rate > 0.01\"",
        span: call.span)
    }
    let matching = try matches(grid, call) ?? grid.runs.map { _ in true }
    let isKept = zip(grid.runs, matching).map { run, isMet in !(isMet && (names.isEmpty || names.contains(run.name))) }
    guard isKept.contains(false) else {
      throw Failure(.undefined, "no run meets the condition", span: call.span(of: "where"))
    }
    guard isKept.contains(true) else {
      throw Failure(
        .conflict, "no run would be left", hint: "`drop \(name)` takes the whole grid away", span: call.span)
    }
    grid.keep(isKept)
    return try replace(name, version, grid, session)
  }

  private func export(_ name: String, _ call: Call, _ session: Session) throws -> Value {
    try refuse(["axis", "base", "data", "seeds", "where", "cells-from"], "export", call)
    let (grid, _) = try session.grid(named: name, at: call.span(of: "grid"))
    guard let folder = try call.optionalString("to") else {
      throw Failure(.usage, "grid export needs a folder", hint: "--to FOLDER", span: call.span)
    }
    do {
      let (runs, written) = try GridFolder.write(
        grid, named: name, to: session.absolute(folder), cancellation: session.work.cancellation)
      session.changes.written += try written.map(session.workspace.written)
      return .table(
        Table(
          [
            Column("run", runs.map { Optional($0.run) }), Column("model", runs.map { Optional($0.model) }),
            Column("settings", runs.map { Optional($0.settings) }),
          ], note: "\(written.count) files in \(folder)"))
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "to"))
    }
  }

  // MARK: Parts

  private func replace(_ name: String, _ version: VersionRecord, _ grid: Grid, _ session: Session) throws -> Value {
    session.changes.versions.append(
      .init(try session.stored(grid), name: name, parent: version.id, replacing: .version(version.id)))
    return .table(try session.outlook(of: grid))
  }

  private func axes(_ texts: [String], _ base: GridBase, _ call: Call, _ session: Session) throws -> (
    axes: [GridAxis], remarks: [String]
  ) {
    let seeds = try call.optionalInt("seeds")
    if let seeds, !(1...1000).contains(seeds) {
      throw Failure(.usage, "--seeds takes 1 to 1000", span: call.span(of: "seeds"))
    }
    let configuration = try base.configuration
    var maker = AxisMaker(configuration, readers: session.configurationReaders) { condition in
      try GridCells(call, session).chosen(by: condition, among: configuration)
    }
    do {
      return (try maker.axes(texts, seeds: seeds), maker.remarks)
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: call.isGiven("axis") ? "axis" : "seeds"))
    }
  }

  /// Refuses what the readers of the YAML files refuse.
  private func check(_ grid: Grid, _ remarks: [String], _ call: Call, _ session: Session) throws {
    var check = GridCheck(try grid.base.configuration, readers: session.configurationReaders)
    do {
      try check.check(grid, cancellation: session.work.cancellation)
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "axis"))
    }
    for remark in remarks + check.remarks { session.note(remark) }
  }

  /// Which runs meet `--where`; nil without it.
  private func matches(_ grid: Grid, _ call: Call) throws -> [Bool]? {
    guard let text = try call.optionalString("where") else { return nil }
    do {
      return try RowCondition(text, flag: "where", call).holds(in: grid.table)
    } catch var failure as Failure {
      // A condition names columns, not paths.
      if let axis = grid.axes.first(where: { $0.path != $0.label && text.contains($0.path) }) {
        failure.hint = "the column of `\(axis.path)` is called `\(axis.label)`"
      }
      throw failure
    }
  }

  private func refuse(_ names: [String], _ action: String, _ call: Call) throws {
    if let name = names.first(where: call.isGiven) {
      throw Failure(
        .usage, "`grid \(action)` takes no \(name == "axis" ? "axis" : "--" + name)", hint: "leave it out",
        span: call.span(of: name))
    }
  }
}
