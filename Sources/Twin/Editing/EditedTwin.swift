import Base
import Formats
import Foundation
import Layers

/// A twin with another configuration, its tensors carried over wherever their shapes allow.
///
/// A tensor is carried over where a layer of the same kind has it under the same name; blocks of the convnet that moved up
/// in their list keep their tensors, and weights stay with the channels that they are for (`ChannelParts`). A new block starts
/// near the identity where its form allows it (`NewBlock`). Everything else starts as in an untrained twin: a norm of another
/// type, new channels.
public struct EditedTwin: Sendable {
  public internal(set) var architecture: TwinArchitecture
  public internal(set) var source: any ArraySource
  /// Of every tensor that a layer of the twin or of the edited twin has, in the edited twin's order; dropped ones last.
  public internal(set) var fates: [TensorFate]
  /// Tensors whose values, shape or name are not the twin's.
  public internal(set) var changed: [NamedArray]
  /// Tensors of the twin's file that the edited twin does not have.
  public let dropped: [String]
  /// Blocks of the convnet that the twin does not have.
  public let newBlocks: [NewBlock]

  /// - Parameters:
  ///   - edits: options with their new values, as PATH=VALUE.
  ///   - seed: of new tensors.
  /// - Throws: as `ConfigurationEdit` and `TwinArchitecture`; `unsupported` naming what the configuration can't have.
  public init(_ twin: TwinArchitecture, source: any ArraySource, edits: [String], seed: UInt32) throws {
    let configuration = try ConfigurationEdit.applied(edits, to: twin.configuration)
    let origins = try BlockOrigins(edits, of: twin.configuration)
    let before = try Declared(twin.configuration, twin, source: source, formerName: { $0 })
    let after = try Declared(configuration, twin, source: source, formerName: origins.formerName)
    var drawn = DrawnTensors(seed: seed)
    for declaration in after.inOrderOfDrawing { drawn.draw(declaration) }
    newBlocks = after.newBlocks(origins, drawn)
    let starts = newBlocks.reduce(into: [String: Tensor]()) { $0.merge($1.starts) { first, _ in first } }

    var fates: [TensorFate] = []
    var changed: [NamedArray] = []
    var used: Set<String> = []
    var rows: [String: [Int?]] = [:]
    let declared = Set(before.declarations.map(\.name))
    for declaration in after.declarations {
      let name = declaration.name
      let former = origins.formerName(name)
      let old = former.flatMap { source.info($0)?.shape }
      // What the twin could have and has not, the edited twin has not either.
      if let former, old == nil, declared.contains(former) { continue }
      var fate = TensorFate(
        name: name, outcome: .new, before: nil, after: declaration.shape, formerName: former == name ? nil : former)
      if let former, let old, before.kind(former) == after.kind(name), !after.isOther(name, former, in: before) {
        fate.before = old
        used.insert(former)
        let parts = (old: before.parts[former] ?? [:], new: after.parts[name] ?? [:])
        if Self.isSame(old, declaration.shape), parts.old == parts.new {
          fate.outcome = .kept
          fate.after = old
          if former != name { changed.append(NamedArray(name, try source.tensor(former))) }
        } else if old.count == declaration.shape.count, let fresh = drawn.tensor(declaration) {
          let own = try source.tensor(former)
          let resized = ResizedTensor(
            own, fresh: fresh, parts: parts, windows: (before.windows[former], after.windows[name]))
          if resized.tensor == own {
            fate.outcome = .kept
            if former != name { changed.append(NamedArray(name, own)) }
          } else {
            fate.outcome = resized.outcome
            fate.remark = after.dead.contains(name) ? nil : resized.kernels?.text
            rows[name] = resized.rows
            changed.append(NamedArray(name, resized.tensor))
          }
        } else if let fresh = drawn[declaration] {
          changed.append(fresh)
        }
      } else if let fresh = drawn[declaration] {
        fate.before = former.flatMap { source.info($0)?.shape }
        fate.formerName = nil
        let parts = after.parts[name] ?? [:]
        if let passed = former.flatMap({ before.channelsPassed(aroundBlockOf: $0) }) {
          changed.append(NamedArray(name, Self.shortcut(passing: passed, fresh.tensor, parts)))
        } else {
          changed.append(starts[name].map { NamedArray(name, $0) } ?? fresh)
        }
        fate.remark = newBlocks.first { name.hasPrefix("convnet.layers.\($0.place).") }?.start
      }
      fates.append(fate)
    }
    let names = Set(after.declarations.map(\.name))
    let gone = before.declarations.map(\.name).filter { !names.contains($0) && source.info($0) != nil }
    fates += gone.filter { !used.contains($0) }.map {
      TensorFate(name: $0, outcome: .dropped, before: source.info($0)?.shape, after: nil)
    }
    self.changed = try Self.withLengths(changed, rows, &fates, source)
    self.fates = fates
    dropped = gone
    let arrays = Dictionary(
      self.changed.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    self.source = changed.isEmpty && gone.isEmpty ? source : ReplacedArrays(source, without: gone, with: arrays)
    architecture = try TwinArchitecture(
      configuration: configuration, source: self.source, heads: twin.headConfigurations)
  }

  /// A shortcut that a block needs now: what went around it unchanged still does.
  ///
  /// - Parameters:
  ///   - input: the parts of the channels that went around.
  ///   - parts: of the new output and input.
  private static func shortcut(passing input: ChannelParts, _ fresh: Tensor, _ parts: [Int: JoinedChannels]) -> Tensor {
    let count = input.reduce(0, +)
    // The block's output was put together as it is now.
    let halves = parts[0]?.joined().count ?? 1
    let output = count % halves == 0 ? [Int](repeating: count / halves, count: halves) : [count]
    return ResizedTensor.passing(input, as: output, fresh, parts)
  }

  /// Whether all tensors are the twin's.
  public var keepsTensors: Bool { changed.isEmpty && dropped.isEmpty }

  /// One value a channel may be stored with axes of length 1 around it.
  private static func isSame(_ a: [Int], _ b: [Int]) -> Bool {
    a == b || a.filter { $0 != 1 } == b.filter { $0 != 1 } && a.filter { $0 != 1 }.count == 1
  }

  /// Under weight norm a kernel has its direction and its length apart: what is left of a cropped kernel keeps its values.
  ///
  /// - Parameter rows: by name, for each channel of a resized tensor the one before.
  private static func withLengths(
    _ arrays: [NamedArray], _ rows: [String: [Int?]], _ fates: inout [TensorFate], _ source: any ArraySource
  ) throws -> [NamedArray] {
    var arrays = arrays
    for fate in fates where fate.name.hasSuffix(".0.v") && [.cropped, .embedded].contains(fate.outcome) {
      let length = String(fate.name.dropLast()) + "g"
      guard let direction = arrays.first(where: { $0.name == fate.name })?.tensor,
        let row = fates.firstIndex(where: { $0.name == length }), fates[row].outcome != .new
      else { continue }
      let old = try source.tensor(fate.formerName ?? fate.name)
      let place = arrays.firstIndex { $0.name == length }
      var lengths = try place.map { arrays[$0].tensor } ?? source.tensor(fates[row].formerName ?? length)
      let before = lengths
      guard let sources = rows[fate.name], lengths.count == sources.count else { continue }
      for (channel, source) in sources.enumerated() {
        guard let source else { continue }
        func square(_ tensor: Tensor, _ row: Int) -> Double {
          tensor[row: row].values.reduce(0) { $0 + Double($1) * Double($1) }
        }
        let whole = square(old, source)
        if whole > 0 { lengths.values[channel] *= Float((square(direction, channel) / whole).squareRoot()) }
      }
      if lengths != before { fates[row].outcome = .changed }
      if let place { arrays[place] = NamedArray(length, lengths) } else { arrays.append(NamedArray(length, lengths)) }
    }
    return arrays
  }

  /// The tensors that a configuration asks for, and the kinds of layers that have them.
  private struct Declared {
    let declarations: [Blueprint.Declaration]
    let inOrderOfDrawing: [Blueprint.Declaration]
    private let kinds: [String: String]
    private let buffers: Set<String>
    private let starts: [String: Start]
    /// By tensor and axis, how the channels are put together.
    let parts: [String: [Int: JoinedChannels]]
    /// By tensor, the window over its kernels along each of their axes.
    let windows: [String: [[Float]]]
    /// Tensors on which nothing depends.
    let dead: Set<String>
    private let convnet: any Layer

    init(
      _ configuration: ConfigNode, _ twin: TwinArchitecture, source: any ArraySource,
      formerName: @escaping @Sendable (String) -> String?
    ) throws {
      let blueprint = Blueprint(cellCounts: twin.heads.map(\.cellCount), after: source, formerName: formerName)
      let layers = try TwinLayers(configuration, source: blueprint, purpose: .shapes, heads: twin.headConfigurations)
      for index in twin.heads.indices { _ = try layers.head(index) }
      inOrderOfDrawing = blueprint.declarations
      declarations = StateOrder.sorted(inOrderOfDrawing)
      kinds = layers.kinds
      parts = layers.channelParts
      convnet = layers.convnet
      let stored = layers.storedTensors
      windows = stored.reduce(into: [:]) { $0[$1.name] = $1.window }
      dead = Set(stored.filter { $0.dead != nil }.map(\.name))
      buffers = Set(stored.filter(\.isBuffer).map(\.name))
      starts = Dictionary(declarations.map { ($0.name, $0.start) }, uniquingKeysWith: { first, _ in first })
    }

    func kind(_ name: String) -> String? { kinds[name] }

    /// The blocks that the twin before the edit does not have.
    func newBlocks(_ origins: BlockOrigins, _ drawn: DrawnTensors) -> [NewBlock] {
      let declared = Dictionary(declarations.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      let blocks = convnet.children.compactMap { $0 as? any ConvolutionalBlock }
      return blocks.enumerated().compactMap { index, block in
        let prefix = "convnet.layers."
        guard block.name.hasPrefix(prefix), let place = Int(block.name.dropFirst(prefix.count)), origins.isNew(place)
        else { return nil }
        let form = block.form
        let kernel = form.filters.first
        let known = [(form.shortcut?.name, 1), (kernel?.weight.name, 1), (kernel?.weight.name, 0)].lazy.compactMap {
          name, axis in name.flatMap { parts[$0]?[axis]?.first }
        }.first
        let around = NewBlock.Surroundings(
          isDense: convnet.detail == "densenet", isLast: index == blocks.count - 1,
          previous: index > 0 ? blocks[index - 1].form : nil, input: known ?? [kernel?.inputChannels ?? 0])
        return NewBlock(
          place: place, form, in: around, fresh: { declared[$0].flatMap(drawn.tensor) }, parts: { parts[$0] ?? [:] })
      }
    }

    /// The parts of a block's input where it has no shortcut layer, so that the input itself is added to its output; nil for a
    /// name that is not a shortcut's.
    func channelsPassed(aroundBlockOf shortcut: String) -> ChannelParts? {
      let ending = "shortcut.weight"
      guard shortcut.hasSuffix("." + ending), kinds[shortcut] == nil else { return nil }
      let block = shortcut.dropLast(ending.count)
      let kernel = declarations.first { declaration in
        declaration.name.hasPrefix(block + "main_block.components.conv.conv.") && declaration.shape.count == 5
      }
      return kernel.map { parts[$0.name]?[1]?.first ?? [$0.shape[1]] }
    }

    /// Whether a filter that follows from the configuration is another one now.
    func isOther(_ name: String, _ former: String, in before: Declared) -> Bool {
      guard buffers.contains(name), case .values? = starts[name] else { return false }
      return starts[name] != before.starts[former]
    }
  }
}

extension NamedArray {
  /// As floats.
  var tensor: Tensor {
    switch values {
    case .float32(let values): Tensor(shape: shape, values: values)
    case .float64(let values): Tensor(shape: shape, values: values.map { Float($0) })
    case .int64(let values): Tensor(shape: shape, values: values.map { Float($0) })
    case .bool(let values): Tensor(shape: shape, values: values.map { $0 ? 1 : 0 })
    case .text: Tensor(zeros: shape)
    }
  }
}

extension TwinLayers {
  /// How the channels along the axes of tensors are put together, by tensor and axis; one part is not told.
  fileprivate var channelParts: [String: [Int: JoinedChannels]] {
    var found: [String: [Int: JoinedChannels]] = [:]
    func visit(_ tensor: StoredTensor, _ axis: Int, _ channels: JoinedChannels) {
      let sizes = channels.joined()
      guard sizes.count > 1, tensor.shape[axis] == sizes.reduce(0, +) else { return }
      found[tensor.name, default: [:]][axis] = channels
    }
    var parts = convnet.visitParts(of: frontend.visitParts(of: [inputChannels], visit), visit)
    // A modulator that has more channels joins its own behind the others.
    if let modulator {
      let known = parts.reduce(0, +)
      let own = modulator.outputChannels
      parts = own == known ? parts : own > known ? parts + [own - known] : [own]
    }
    parts = recurrent.visitParts(of: parts, visit)
    for case .success(let head) in heads.values {
      for tensor in head.readout.tensors where tensor.shape.count > 1 { visit(tensor, 1, [parts]) }
    }
    return found
  }

  /// The kind of layer that has a tensor, by the tensor's name.
  fileprivate var kinds: [String: String] {
    var kinds: [String: String] = [:]
    func add(_ layer: any Layer) {
      for tensor in layer.tensors { kinds[tensor.name] = "\(type(of: layer))" }
      layer.children.forEach(add)
    }
    for layer in [frontend, convnet, recurrent, outputActivation] + [baselineActivation].compactMap({ $0 }) {
      add(layer)
    }
    if let modulator { for tensor in modulator.tensors { kinds[tensor.name] = "\(type(of: modulator))" } }
    for case .success(let head) in heads.values {
      add(head.adapter)
      for tensor in head.calibration?.tensors ?? [] { kinds[tensor.name] = "OutputCalibration" }
      for tensor in head.readout.tensors { kinds[tensor.name] = "\(type(of: head.readout))" }
    }
    return kinds
  }
}
