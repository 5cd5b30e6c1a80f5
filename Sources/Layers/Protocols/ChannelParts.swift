/// How the channels of one tensor are put together: the positive and the negative half behind a split ReLU, the joined outputs of
/// a dense network.
///
/// Where a twin gets more channels, or fewer, each part grows or shrinks by itself: a weight stays with the channel that it is
/// for.
package typealias ChannelParts = [Int]

/// What stands one after the other along an axis: of most layers their input, of a gate the input and then the hidden state.
package typealias JoinedChannels = [ChannelParts]

/// Gets a tensor, one of its axes, and the channels along it.
package typealias PartsVisitor = (_ tensor: StoredTensor, _ axis: Int, _ channels: JoinedChannels) -> Void

extension Layer {
  /// A layer that leaves channels as they are leaves their parts, too; any other output is one part.
  package func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts {
    let channels = input.reduce(0, +)
    for tensor in tensors {
      for axis in tensor.shape.indices.prefix(2) where tensor.shape[axis] == channels { visit(tensor, axis, [input]) }
    }
    return channels == outputChannels ? input : [outputChannels]
  }
}
