import Base
import Recordings
import Twin

/// What a twin is given of a recording, as it was trained: stimulus windows, behaviour, spike history.
///
/// Behaviour is the covariate `behavior`, history the covariate `history`, each at the lags of its `keys_lags`. Without
/// a covariate `history` the counts of the head's cells stand for it, which is what VisionCore's YAMLs make it of.
package struct TwinInputs {
  /// What is asked of the twin.
  package enum Purpose {
    case rates
    /// Features do not depend on spike history; the modulator can't be left out of what a readout is fitted on.
    case coreFeatures
  }

  private let twin: LoadedTwin
  private let loaded: LoadedStimulus
  /// Columns of behaviour; nil where none is read.
  private let behaviorColumns: Int?
  private let history: (lags: Int, cells: Int)?

  private static let behaviorName = "behavior"
  private static let historyName = "history"

  /// Checks by names and lags, before anything is read, that the recording has what the twin needs.
  ///
  /// - Parameter head: nil where only what the core needs is asked.
  /// - Throws: `missing` or `mismatch` naming what the recording lacks, `unsupported` for a modulator that can't be left
  ///   out.
  package init(_ twin: LoadedTwin, head: Int?, _ loaded: LoadedStimulus, for purpose: Purpose) throws {
    self.twin = twin
    self.loaded = loaded
    let architecture = twin.architecture
    behaviorColumns = loaded.withoutBehavior ? nil : architecture.behaviorColumns
    history = purpose == .rates ? try head.flatMap { try architecture.history(head: $0) } : nil
    if loaded.withoutBehavior, !architecture.canLeaveBehaviorOut {
      throw Failure(
        .unsupported,
        architecture.readsStimulus
          ? "`\(twin.name)` can't run without behaviour: what follows its modulator takes the modulator's channels"
          : "`\(twin.name)` can't run without behaviour: it reads nothing else", hint: "leave out --no-behavior")
    }
    if let columns = behaviorColumns { try checkBehavior(columns, purpose) }
    if let history { try checkHistory(history) }
  }

  /// What the twin is given for each of `frames`, in their order, to be worked on in `groups` of them, or in groups that
  /// the network chooses.
  ///
  /// - Throws: `mismatch` where behaviour or history has other columns than the twin reads; what reading throws.
  package func input(frames: [Int], groups: [Range<Int>]? = nil) throws -> TwinInput {
    var input = TwinInput(skipsBehavior: loaded.withoutBehavior)
    input.sampleCount = frames.count
    input.stimulusName = loaded.stimulus.name
    input.groups = groups
    // First what is small and may not fit.
    if let columns = behaviorColumns { input.behavior = try behavior(frames, columns: columns) }
    if let history { input.history = try pastCounts(frames, history) }
    if twin.architecture.readsStimulus {
      let (images, steps) = try loaded.stimulus.sharedWindows(frames: frames)
      input.windows = .init(frames: images, steps: steps)
    }
    return input
  }

  /// Past counts of the head's cells for each of `frames`, `[frame, lag, cell]`; nil for a head without spike history.
  ///
  /// - Throws: as `input`.
  package func pastCounts(frames: [Int]) throws -> Tensor? { try history.map { try pastCounts(frames, $0) } }

  // MARK: Behaviour

  private func checkBehavior(_ columns: Int, _ purpose: Purpose) throws {
    let name = Self.behaviorName
    let need = "`\(twin.name)` needs \(columns.counted("column")) of behaviour"
    let leftOut = purpose == .coreFeatures ? nil : leavingOut
    if let missing = loaded.stimulus.missing(for: name) {
      guard missing != name else {
        throw Failure(
          .missing, "\(need), and \(loaded.label) has no covariate `\(name)`",
          hint: ["open the recording with the YAML whose `transforms` expose `\(name)`", leftOut].compactMap(\.self)
            .joined(separator: "; "))
      }
      throw Failure(
        .missing, "\(need), and \(loaded.label) has no `\(missing)` that `\(name)` is made of",
        hint: leftOut ?? "open a recording that has it")
    }
    let lags = loaded.stimulus.configuration.lags[name] ?? [0]
    let type = twin.architecture.configuration.at("modulator.type")?.stringValue ?? ""
    guard lags.count == 1 || type == "convgru" else {
      throw Failure(
        .mismatch, "\(need) at one lag, and keys_lags.\(name) of \(loaded.session) lists \(lags.count)",
        hint: "only a convgru modulator takes the mean over lags, `\(twin.name)` has \(type)")
    }
  }

  /// How to go on without behaviour, or why that does not help.
  private var leavingOut: String {
    twin.architecture.canLeaveBehaviorOut
      ? "--no-behavior leaves the modulator out"
      : "--no-behavior does not help: this twin can't run without its modulator"
  }

  /// - Shapes: `[batch, column]`, or `[batch, lag, column]` for several lags
  private func behavior(_ frames: [Int], columns: Int) throws -> Tensor {
    let values = try loaded.stimulus.embedding(of: Self.behaviorName, frames: frames)
    let lags = loaded.stimulus.configuration.lags[Self.behaviorName] ?? [0]
    guard values.shape == [frames.count] + (lags.count == 1 ? [] : [lags.count]) + [columns] else {
      let own = values.shape.dropFirst(lags.count == 1 ? 1 : 2)
      throw Failure(
        .mismatch,
        "`\(twin.name)` reads \(columns.counted("column")) of behaviour, `\(Self.behaviorName)` of \(loaded.label) has \(own.map(String.init).joined(separator: "x"))",
        hint: "open the recording with the YAML that the twin was trained with")
    }
    return values
  }

  // MARK: Spike history

  private func checkHistory(_ need: (lags: Int, cells: Int)) throws {
    let name = Self.historyName
    if let missing = loaded.stimulus.missing(for: name), missing != name {
      throw Failure(
        .missing,
        "`\(twin.name)` needs spike history, and \(loaded.label) has no `\(missing)` that `\(name)` is made of")
    }
    guard let lags = loaded.stimulus.configuration.lags[name] else {
      throw Failure(
        .missing,
        "`\(twin.name)` needs spike history at \(need.lags) lags, and keys_lags of \(loaded.session) has no `\(name)`",
        hint: "open the recording with the YAML that the twin was trained with, e.g. `\(name): [1, 2, 3, 4, 5]`")
    }
    guard lags.count == need.lags else {
      throw Failure(
        .mismatch,
        "`\(twin.name)` reads spike history at \(need.lags) lags, keys_lags.\(name) of \(loaded.session) lists \(lags.count)",
        hint: "open the recording with the YAML that the twin was trained with")
    }
  }

  /// - Shapes: `[batch, lag, cell]`
  private func pastCounts(_ frames: [Int], _ need: (lags: Int, cells: Int)) throws -> Tensor {
    let stimulus = loaded.stimulus
    let values =
      stimulus.missing(for: Self.historyName) == nil
      ? try stimulus.embedding(of: Self.historyName, frames: frames)
      : try stimulus.countsEmbedding(lags: stimulus.configuration.lags[Self.historyName] ?? [], frames: frames)
    guard values.rowCount == need.lags * need.cells else {
      throw Failure(
        .mismatch,
        "`\(twin.name)` reads spike history of \(need.cells) cells, `\(Self.historyName)` of \(loaded.label) has \(values.rowCount / max(1, need.lags))",
        hint: "select the twin's cells in the YAML: `select_units: {indices: cids}`")
    }
    return values.reshaped([frames.count, need.lags, need.cells])
  }
}
