import Base
import Fitting
import Formats
import Language
import Layers
import Session
import Twin
import Workspace

/// The head that a refit makes: a new one for a session that the twin has no head for, otherwise the session's own.
struct ReadoutHead {
  let twin: LoadedTwin
  let session: String
  /// Position of the head in the new twin.
  let index: Int
  /// Whether the twin has this head already.
  let isOwn: Bool
  /// The head whose adapter is used.
  let adapter: Int
  let form: ReadoutForm
  /// What the user should know about the choice of adapter.
  let note: String?

  /// - Throws: `conflict` where the session's readout is frozen, `unsupported` where no readout can be fitted.
  init(twin: LoadedTwin, session: String, adapter named: String?) throws {
    self.twin = twin
    self.session = session
    let own = twin.payload.heads.firstIndex { $0.session == session }
    let index = own ?? twin.architecture.heads.count
    self.index = index
    isOwn = own != nil
    if let named {
      adapter = try twin.head(session: nil, named: named)
      note = nil
    } else {
      adapter = own ?? 0
      note =
        own == nil
        ? "\(session) has no head: using the adapter of head 0 (\(twin.payload.heads.first?.session ?? "unnamed")); change it with --adapter"
        : nil
    }
    let frozen = FrozenParameters(patterns: twin.payload.frozen).parameters(of: twin.architecture)
    if own != nil, let tensor = frozen.first(where: { $0.part == .readout && $0.head == index }) {
      throw Failure(
        .conflict, "`\(tensor.name)` of `\(twin.name)` is frozen",
        hint: "`unfreeze \(twin.name)` first, or refit under a copy")
    }
    guard let form = twin.architecture.readoutForm(head: adapter) else {
      throw Failure(
        .unsupported,
        "head \(adapter) of `\(twin.name)` has neither a Gaussian nor a linear readout of several sessions"
      )
    }
    self.form = form
    guard !twin.architecture.hasOutputCalibration else {
      throw Failure(
        .unsupported, "`\(twin.name)` has an output calibration: its rates are not those of its readouts alone",
        hint: "refit the twin without it, or use `train`")
    }
    let history = try twin.architecture.history(head: adapter)
    if own == nil, history != nil {
      throw Failure(
        .unsupported, "`\(twin.name)` reads spike history, and \(session) has no encoder of its cells' past counts",
        hint: "refit works on the twin's own sessions; `train` makes a head with an encoder")
    }
  }

  // MARK: What is fitted

  /// What the twin does around the readouts, for the rows of `data`.
  ///
  /// - Throws: what reading baselines and past counts throws.
  func model(for data: RefitData) throws -> ReadoutModel { try model(on: data.source, frames: data.frames) }

  /// The same for frames of a stimulus, in their order.
  func model(on source: LoadedStimulus, frames: [Int]) throws -> ReadoutModel {
    let network = try twin.network(head: isOwn ? index : adapter)
    var model = ReadoutModel()
    model.rates = RateFunction(network.outputActivation)
    model.averagesSpace = form == .linear
    if isOwn {
      model.baselines = try network.baseline(head: index)?.map(Double.init) ?? []
      guard model.baselines.isEmpty || model.baselines.count == source.stimulus.cellCount else {
        throw Failure(
          .mismatch,
          "head \(index) of `\(twin.name)` has \(model.baselines.count) baselines, \(session) has \(source.stimulus.cellCount) cells",
          hint: "check the cids of the YAML that the recording was opened with")
      }
      let inputs = try TwinInputs(twin, head: index, source, for: .rates)
      model.history = try inputs.pastCounts(frames: frames).flatMap {
        try network.historyOutput($0, head: index)
      }
    } else if let start = network.baselineStart {
      let cells = source.stimulus.cellCount
      model.baselines = network.baseline(of: [Float](repeating: Float(start), count: cells)).map(Double.init)
    }
    return model
  }

  /// The readouts of a head, in the order of `cids`; nil for a cell that the head does not have.
  ///
  /// - Throws: `mismatch` where the head's cells are not known by their ids and are not as many.
  func readouts(of head: Int, for cids: [CellID]) throws -> [CellReadout?] {
    guard twin.architecture.readoutForm(head: head) != nil else {
      throw Failure(.unsupported, "head \(head) of `\(twin.name)` has neither a Gaussian nor a linear readout")
    }
    let stored: [CellReadout]
    if twin.architecture.readoutForm(head: head) == .gaussian {
      stored = CellReadout.cells(of: try GaussianReadout(stored: twin.source, head: head))
    } else {
      let name = ReadoutForm.linearBias(head: head).first { twin.source.info($0) != nil }
      stored = CellReadout.averaging(
        weights: try twin.source.tensor(ReadoutForm.linearWeight(head: head)),
        bias: try name.map { try twin.source.tensor($0).values })
    }
    guard let known = twin.payload.heads.indices.contains(head) ? twin.payload.heads[head].cids : nil,
      known.count == stored.count
    else {
      guard stored.count == cids.count else {
        throw Failure(
          .mismatch,
          "head \(head) of `\(twin.name)` has \(stored.count) cells whose ids are not known, \(session) has \(cids.count)",
          hint: "open the twin with --config YAML, which names the cells of its heads")
      }
      return stored
    }
    let places = Dictionary(zip(known, stored), uniquingKeysWith: { first, _ in first })
    return cids.map { places[$0] }
  }

  /// - Throws: `conflict` where the adapter that a fit would move is frozen.
  func checkAdapterMoves(_ call: Call) throws {
    let frozen = FrozenParameters(patterns: twin.payload.frozen).parameters(of: twin.architecture)
    if isOwn, let tensor = frozen.first(where: { $0.part == .adapter && $0.head == index }) {
      throw Failure(
        .conflict, "`\(tensor.name)` of `\(twin.name)` is frozen", hint: "`unfreeze \(twin.name)` first",
        span: call.span(of: "fit"))
    }
  }

  // MARK: What is kept

  /// The new twin's record, its changed tensors written to the object store.
  ///
  /// - Parameter moved: tensors of the adapter that were fitted, by the names of the adapter that was used.
  func payload(
    with cells: [CellReadout], moved: [String: Tensor] = [:], cids: [CellID], source: LoadedStimulus, session: Session
  ) throws -> TwinPayload {
    let store = session.workspace.objects
    let overlay = try store.putOverlay(
      try tensors(of: cells, moved: moved), over: twin.payload.overlay,
      dropping: isReplaced)
    try checkUntouched(overlay: try NpzArchive(path: store.checkedPath(of: overlay)))
    var payload = twin.payload
    while payload.heads.count < twin.architecture.heads.count { payload.heads.append(.init(session: nil, cids: nil)) }
    let configuration = payload.heads.indices.contains(adapter) ? payload.heads[adapter].configuration : nil
    let head = TwinPayload.Head(session: self.session, cids: cids, configuration: configuration)
    if index < payload.heads.count { payload.heads[index] = head } else { payload.heads.append(head) }
    payload.overlay = overlay
    payload.training = nil
    payload.note = "\(moved.isEmpty ? "readout" : "adapter and readout") refitted on \(source.label)"
    return payload
  }

  /// This head's adapter and readout, and the baseline of a new head.
  private func tensors(of cells: [CellReadout], moved: [String: Tensor]) throws -> [NamedArray] {
    let adapterPrefix = "adapters.\(adapter)."
    // A twin of one session names its adapter without a number.
    var arrays = moved.keys.sorted().filter { !$0.hasPrefix(adapterPrefix) }.compactMap { name in
      moved[name].map { NamedArray(name, $0) }
    }
    for parameter in twin.architecture.parameters where parameter.name.hasPrefix(adapterPrefix) {
      let tensor = try moved[parameter.name] ?? twin.source.tensor(parameter.name)
      let name = "adapters.\(index)." + parameter.name.dropFirst(adapterPrefix.count)
      arrays.append(NamedArray(name, tensor))
    }
    if !isOwn, let start = try twin.network(head: adapter).baselineStart {
      let values = [Float](repeating: Float(start), count: cells.count)
      arrays.append(NamedArray("baselines.\(index)", shape: [cells.count], values: .float32(values)))
    }
    switch form {
    case .gaussian: return arrays + GaussianReadout(cells).arrays(head: index)
    case .linear:
      let channels = cells.first?.features.count ?? 0
      arrays.append(
        NamedArray(
          ReadoutForm.linearWeight(head: index), shape: [cells.count, channels],
          values: .float32(cells.flatMap(\.features))))
      let names = zip(ReadoutForm.linearBias(head: index), ReadoutForm.linearBias(head: adapter))
      for (name, there) in names where twin.source.info(there) != nil {
        arrays.append(NamedArray(name, shape: [cells.count], values: .float32(cells.map(\.bias))))
      }
      return arrays
    }
  }

  /// Every core tensor and every frozen one must be the same bytes in the new twin.
  private func checkUntouched(overlay: NpzArchive) throws {
    let new = OverlaySource(overlay, over: twin.checkpoint)
    let frozen = FrozenParameters(patterns: ["core"] + twin.payload.frozen)
    for parameter in twin.architecture.parameters where frozen.contains(parameter) && !isNew(parameter.name) {
      let before = try twin.source.tensor(parameter.name)
      let after = try new.tensor(parameter.name)
      guard before.shape == after.shape,
        zip(before.values, after.values).allSatisfy({ $0.bitPattern == $1.bitPattern })
      else {
        throw Failure(.conflict, "the refit would change `\(parameter.name)` of the frozen core; nothing was kept")
      }
    }
  }

  /// Whether a tensor belongs to a head that this refit adds.
  private func isNew(_ name: String) -> Bool { !isOwn && isReplaced(name) }

  private func isReplaced(_ name: String) -> Bool {
    name.hasPrefix(GaussianReadout.prefix(head: index)) || name.hasPrefix("adapters.\(index).")
  }
}
