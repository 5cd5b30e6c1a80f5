import Analysis
import Base
import Language
import Session
import Twin
import Workspace

/// A twin with other options in its configuration.
struct EditCommand: Command {
  static let signature = Signature(
    "edit", in: "twins",
    "Changes options of a twin's configuration, or its kernels: a new version that keeps its tensors where they fit"
  )
  .effect(.changes)
  .argument("twin", .object(kinds: ["twin"]), "The twin")
  .argument("name", .newName, "Name of the edited twin", keyword: "as")
  .argument(
    "set", .string, "Options with their new values; null takes an option away", keyword: "set", optional: true,
    repeating: true
  )
  .argument(
    "kernels", .string,
    "Changes of the frontend's kernels, in this order: zero=TAPS, dc=0, shift=TAPS, scale=FACTOR, lowpass=HZ, highpass=HZ",
    keyword: "kernels", optional: true, repeating: true
  )
  .flag("seed", .int, default: .int(1002), "Seed of tensors that are new")
  .flag("tensors", "Return a row for each tensor, with what became of it")
  .names("name", kinds: ["twin"], always: true)
  .replace()
  .returns(.table(columns.signatures))
  .returns(tensorColumns.signatures, when: .given("tensors"))
  .returns(EditedKernelTable.columns.signatures, when: .given("kernels"))
  .searchTerms(
    "configuration", "option", "mask", "tap_mask", "lag_mask", "zero_sum", "latency", "early", "ablate", "change",
    "kernel", "high-pass",
    "shift"
  )
  .details(
    """
    The edited twin predicts, evaluates, trains and exports like any other. `tree TWIN` shows the layers and `diff` the \
    options in which two twins differ.

    Options may need other tensors: another type of norm, larger kernels, more channels, another block. The twin's tensors \
    are carried over wherever their shapes allow. A kernel keeps its values around its centre: what a smaller one has no \
    room for is lost, and a larger one is filled with zeros. Under a window it is the kernel as it acts that keeps its values: \
    stored weights are solved for. Channels keep their order, in each half of a split \
    ReLU by itself; new ones, and the tensors of a new norm, start as in `new`, from --seed. A shortcut that a block \
    of a resnet needs now passes the channels on that went around the block before. --tensors shows what became of each tensor. \
    `convnet.params.block_configs.2=null` with `convnet.params.channels.2=null` removes the third block; the position \
    behind the last one appends a block, and `block_configs.+1={…}` with `channels.+1=N` puts one before the second.

    A new block starts near the identity where its form allows it, so that rates hardly change before training: in a resnet or \
    densenet its own part starts at 1 % of its usual size (behind a norm, the norm's gain starts at 0.001 of it), and in a \
    network without shortcuts its kernels pass each channel on. The table says where \
    that is not so: with a layer norm, whose size does not follow its input, with fewer channels, strides or pools. A block of \
    kernels with one time step takes a margin from the map, since `pad` in its `order` does not pad them; \
    `order: [conv, norm, act]` keeps the map's size.

    Norms (`norm_type` of a block) that are vcsh's own: `lrn_channel` and `lrn_spatial` divide by the activity of \
    neighbouring channels or pixels (options `size`, `alpha`, `beta`, `k`, `pool_channels`); `temporal_global_past` and \
    `temporal_local_past` by a running average over past frames with learned time constants; `stimcond_none`, \
    `stimcond_rms` and `stimcond_instance` scale and shift each channel by mean, contrast and temporal frequency of the \
    stimulus; `hybrid_rms_grn` and others apply two norms in turn; `mixture` and `mixture_perchannel` learn a weighted sum \
    of the norms in `bank`. Options stand in the block's `norm_params`.

    `output_calibration.enabled=true` puts a gain and an offset behind the output of each cell, which start at 1 and 0; \
    training pulls them there with weight `output_calibration.pull` (default 0.001). \
    `output_calibration.stimuli=[gaborium, backimage]` gives these stimulus types numbers of their own, and \
    `output_calibration.follow_stimulus=true` lets gains and offsets follow mean, contrast and temporal frequency of the \
    stimulus by one signal that all cells share.

    Options of the frontend that are vcsh's own: `frontend.params.tap_mask=N` holds the first N \
    taps of every kernel at 0. `frontend.params.lag_mask=N` shows the twin grey in place of the newest N frames; it works \
    with every frontend. A tap is not a lag: output step t of the frontend reads lags from t on, so only a lag mask \
    guarantees a latency of N frames. `frontend.params.zero_sum=mean` makes the taps of every kernel sum to 0 by taking the \
    same number off each of them; `zero_sum=window` takes off a multiple of the window. All of them hold in training too. \
    `frontend.params.delay=true` adds a delay of each kernel, in fractions of a bin, that training learns; it starts at 0. \
    `frontend.params.dilation=2` puts two frames between taps, so that a kernel reaches twice as far back. \
    `frontend.params.temporal_pool=N` averages each frame of the frontend's output with the N-1 older ones after it; with \
    `frontend.params.temporal_pool_type=exponential` by weights that fall off with a learned time constant. Dilation and \
    pooling shorten what the convnet gets. `temporal` shows all of them.

    `--kernels` changes the frontend's kernels as they act, each by itself and one change after the other; afterwards they are \
    weights like any others, and training may move them. `zero=N` sets the first N taps to 0, `dc=0` takes the mean over the \
    taps off them, `shift=N` moves kernels to later taps (a negative N to earlier ones), `scale=F` multiplies them, and \
    `lowpass=HZ` and `highpass=HZ` keep the frequencies of the kernel's Fourier transform up to or from HZ on; they lie \
    1 / (duration of the kernel) apart. What acts is the stored kernel times the window: stored weights are solved for. Where \
    the window is 0, as at both ends of a Hann window, no weight can act, and the column `lost` says what share of the \
    energy a change puts there.
    """)

  static let examples = [
    Example(
      "edit twin as late --set frontend.params.lag_mask=2 --replace; eval late on sim/gaborium | summarize mean(bits_per_spike)",
      "What the two newest frames are worth"),
    Example(
      "edit twin as masked --set frontend.params.tap_mask=1 --replace",
      "Under a Hann window the first tap is 0 already"),
    Example(
      "edit twin as later --kernels shift=1 dc=0 --replace | select kernel change lost mean_ms_before mean_ms_after sum_after",
      "Kernels one frame later, without an answer to constant light"),
  ]

  static let columns = TableShape<ConfigurationComparison.Row>([
    .string("option", "Its path in the configuration") { $0.path },
    .string("before", "Its value in the twin; null where it was not written") { $0.a },
    .string("after", "Its value in the edited twin; null where it was taken away") { $0.b },
  ])

  static let tensorColumns = TableShape<TensorFate>([
    .string("tensor", "Name in the edited twin; of a dropped tensor, its name in the twin") { $0.name },
    .string("outcome", "kept, changed, cropped, embedded, new or dropped") { $0.outcome.rawValue },
    .string("before", "Shape in the twin; null for a tensor that it did not have") { Self.text($0.before) },
    .string("after", "Shape in the edited twin; null for a dropped tensor") { Self.text($0.after) },
    .string("former", "Name in the twin, where that is another one") { $0.formerName },
    .string("remark", "How kernels of another size act now, or how a new block starts") { $0.remark },
  ])

  private static func text(_ shape: [Int]?) -> String? {
    shape.map { $0.isEmpty ? "scalar" : $0.map(String.init).joined(separator: "x") }
  }

  func run(_ call: Call, in session: Session) throws -> Value {
    let twin = try session.loadTwin(call.string("twin"), at: call.span(of: "twin"))
    try session.checkName(of: call)
    var payload = twin.payload
    let edits = call.strings("set")
    let words = call.strings("kernels")
    guard !edits.isEmpty || !words.isEmpty else {
      throw Failure(
        .usage, "nothing is edited", hint: "--set OPTION=VALUE, or --kernels shift=1", span: call.span)
    }
    var edited: EditedTwin
    do {
      edited = try twin.edited(by: edits, seed: call.seed())
      try EditedOptions.check(edits, edited.architecture)
      if !edits.isEmpty { try EditedOptions.check(edited.architecture, of: twin, in: session) }
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: edits.isEmpty ? "twin" : "set"))
    }
    let changes = ConfigurationComparison(twin.architecture, edited.architecture)
    guard edits.isEmpty || !changes.rows.isEmpty else {
      throw Failure(
        .usage, "`\(twin.name)` has \(edits.count == 1 ? "this value" : "these values") already",
        hint: "`tree \(twin.name)` shows its layers", span: call.span(of: "set"))
    }
    var kernels: EditedKernels?
    if !words.isEmpty {
      do {
        let found = try edited.changingKernels(words.map(KernelEdit.init))
        edited = found.twin
        kernels = found.kernels
      } catch let failure as Failure {
        throw failure.located(at: call.span(of: "kernels"))
      }
    }
    if !edits.isEmpty { payload.edits = (payload.edits ?? []) + edits }
    if !edited.keepsTensors {
      let dropped = Set(edited.dropped)
      payload.overlay = try session.workspace.objects.putOverlay(
        edited.changed, over: payload.overlay, dropping: dropped.contains)
      let gone = Set(payload.dropped ?? []).union(dropped)
      payload.dropped = gone.isEmpty ? nil : gone.sorted()
    }
    payload.note = [payload.note, "edited: \((edits + words.map { "kernels \($0)" }).joined(separator: ", "))"]
      .compactMap(\.self).joined(separator: "; ")
    // What it computes is no longer what the training left.
    payload.training = nil
    session.changes.versions.append(
      .init(payload, name: try call.string("name"), parent: twin.record.id, replacing: call.replacing))
    session.changes.inputs.append(.init(role: "twin", version: twin.record.id, detail: twin.name))
    for sentence in edited.architecture.normAdvice { session.note(sentence) }
    let remarks = edited.remarks
    if call.isSet("tensors") || kernels != nil { for sentence in remarks { session.note(sentence) } }
    if call.isSet("tensors") { return .table(Self.tensorColumns.table(edited.fates)) }
    if let kernels { return .table(EditedKernelTable.table(kernels, edited.architecture)) }
    let note =
      try edited.keepsTensors
      ? Self.effect(of: changes, on: twin, edited.architecture)
      : ([Self.summary(edited)] + remarks).joined(separator: "; ")
    return .table(Self.columns.table(changes.rows, note: note))
  }

  /// `14 tensors kept, 2 new; --tensors lists them`
  private static func summary(_ edited: EditedTwin) -> String {
    let counts = TensorFate.Outcome.allCases.compactMap { outcome -> String? in
      let count = edited.fates.count { $0.outcome == outcome }
      return count == 0 ? nil : "\(count) \(outcome.rawValue)"
    }
    return "tensors: \(counts.joined(separator: ", ")); --tensors lists them"
  }

  /// Says where an edit of the kernels changes none of them.
  private static func effect(
    of changes: ConfigurationComparison, on twin: LoadedTwin, _ edited: TwinArchitecture
  ) throws -> String? {
    let ofKernels = ["frontend.params.tap_mask", "frontend.params.zero_sum"]
    guard changes.rows.allSatisfy({ ofKernels.contains($0.path) }) else { return nil }
    let before = try TwinNetwork(architecture: twin.architecture, source: twin.source, heads: []).effectiveKernels
    let after = try TwinNetwork(architecture: edited, source: twin.source, heads: []).effectiveKernels
    guard let before, let after else { return nil }
    let changed = zip(before.kernelRows, after.kernelRows).count { $0 != $1 }
    return changed == 0
      ? "no kernel changes: the masked taps are 0 already (`temporal \(twin.name) --by lag`), so every output stays"
      : "\(changed) of \(before.kernelRows.count) kernels change"
  }
}
