import Base
import Fitting
import Formats
import Session
import Twin
import Workspace

/// The head that a refit makes: a new one for a session that the twin has no head for, otherwise the session's own.
struct ReadoutHead {
  let twin: LoadedTwin
  let session: String
  /// Position of the head in the new twin.
  let index: Int
  /// The head whose adapter is used.
  let adapter: Int
  /// What the user should know about the choice of adapter.
  let note: String?

  /// - Throws: `conflict` where the session's readout is frozen, `unsupported` where the rates are not the softplus of a
  ///   Gaussian readout.
  init(twin: LoadedTwin, session: String, adapter named: String?) throws {
    self.twin = twin
    self.session = session
    let own = twin.payload.heads.firstIndex { $0.session == session }
    index = own ?? twin.architecture.heads.count
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
    if let obstacle = twin.architecture.obstacleToReadoutGradients(of: twin.name, head: adapter) {
      throw Failure(.unsupported, obstacle)
    }
  }

  /// The new twin's record, its changed tensors written to the object store.
  func payload(
    with cells: [CellReadout], cids: [CellID], source: LoadedStimulus, session: Session
  ) throws -> TwinPayload {
    let store = session.workspace.objects
    let overlay = try store.putOverlay(
      try tensors(of: cells), over: twin.payload.overlay,
      dropping: isInHead)
    try checkUntouched(overlay: try NpzArchive(path: store.checkedPath(of: overlay)))
    var payload = twin.payload
    while payload.heads.count < twin.architecture.heads.count { payload.heads.append(.init(session: nil, cids: nil)) }
    let configuration = payload.heads.indices.contains(adapter) ? payload.heads[adapter].configuration : nil
    let head = TwinPayload.Head(session: self.session, cids: cids, configuration: configuration)
    if index < payload.heads.count { payload.heads[index] = head } else { payload.heads.append(head) }
    payload.overlay = overlay
    payload.training = nil
    payload.note = "readout refitted on \(source.label)"
    return payload
  }

  /// This head's adapter and readout.
  private func tensors(of cells: [CellReadout]) throws -> [NamedArray] {
    var arrays: [NamedArray] = []
    let adapterPrefix = "adapters.\(adapter)."
    for parameter in twin.architecture.parameters where parameter.name.hasPrefix(adapterPrefix) {
      let tensor = try twin.source.tensor(parameter.name)
      let name = "adapters.\(index)." + parameter.name.dropFirst(adapterPrefix.count)
      arrays.append(NamedArray(name, tensor))
    }
    return arrays + GaussianReadout(cells).arrays(head: index)
  }

  /// Every core tensor and every frozen one must be the same bytes in the new twin.
  private func checkUntouched(overlay: NpzArchive) throws {
    let new = OverlaySource(overlay, over: twin.checkpoint)
    let frozen = FrozenParameters(patterns: ["core"] + twin.payload.frozen)
    for parameter in twin.architecture.parameters where frozen.contains(parameter) && !isOwn(parameter.name) {
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
  private func isOwn(_ name: String) -> Bool { index >= twin.architecture.heads.count && isInHead(name) }

  private func isInHead(_ name: String) -> Bool {
    name.hasPrefix(GaussianReadout.prefix(head: index)) || name.hasPrefix("adapters.\(index).")
  }
}
