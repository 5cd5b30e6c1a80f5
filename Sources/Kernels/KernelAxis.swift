/// How a kernel runs along one axis.
public struct KernelAxis: Sendable, Hashable {
  public var kernel: Int
  public var stride: Int
  public var dilation: Int
  /// Padding before and after; below 0 it leaves inputs away.
  public var low: Int
  public var high: Int

  public init(kernel: Int, stride: Int = 1, dilation: Int = 1, low: Int = 0, high: Int = 0) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.low = low
    self.high = high
  }

  /// Outputs for `size` inputs; below 1 where the kernel does not fit.
  public func outputs(_ size: Int) -> Int {
    let room = size + low + high - dilation * (kernel - 1) - 1
    return room < 0 ? 0 : room / stride + 1
  }
}

/// What lies outside the input.
public enum BorderPadding: Sendable { case zero, replicate }
