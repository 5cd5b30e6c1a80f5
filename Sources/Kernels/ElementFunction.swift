import CKernels

/// A function of one number, applied to arrays by vectorised loops.
public enum ElementFunction: Sendable, Equatable {
  case identity
  case exp
  /// ln(1 + e^(beta x)) / beta, the identity where beta x > 20.
  case softplus(beta: Float = 1)
  case sigmoid
  case tanh
  case relu
  case leakyRelu(slope: Float)
  case silu
  case mish
  /// scale (x, or alpha (e^x - 1) below 0).
  case elu(alpha: Float = 1, scale: Float = 1)
  /// x Phi(x) with the exact error function.
  case gelu
  case geluTanh

  /// f of every value in `range` (all of them if nil), in place.
  public func apply(to values: inout [Float], in range: Range<Int>? = nil) {
    let range = range ?? 0..<values.count
    precondition(range.lowerBound >= 0 && range.upperBound <= values.count, "range \(range) in \(values.count) values")
    guard !range.isEmpty else { return }
    values.withUnsafeMutableBufferPointer { buffer in
      guard let x = buffer.baseAddress.map({ $0 + range.lowerBound }) else { return }
      let n = range.count
      switch self {
      case .identity: break
      case .exp: ck_exp(x, x, n)
      case .softplus(let beta): ck_softplus(x, x, n, beta)
      case .sigmoid: ck_sigmoid(x, x, n)
      case .tanh: ck_tanh(x, x, n)
      case .relu: ck_relu(x, x, n)
      case .leakyRelu(let slope): ck_leaky_relu(x, x, n, slope)
      case .silu: ck_silu(x, x, n)
      case .mish: ck_mish(x, x, n)
      case .elu(let alpha, let scale): ck_elu(x, x, n, alpha, scale)
      case .gelu: ck_gelu(x, x, n)
      case .geluTanh: ck_gelu_tanh(x, x, n)
      }
    }
  }

  public func callAsFunction(_ values: [Float]) -> [Float] {
    var copy = values
    apply(to: &copy)
    return copy
  }

  /// From the gradient of f(x) to that of x, in place: g *= f'(x) in `range` (everywhere if nil).
  ///
  /// Where f has a corner, the derivative is PyTorch's: 0 for relu at 0.
  public func pullback(at x: [Float], _ gradient: inout [Float], in range: Range<Int>? = nil) {
    let range = range ?? 0..<gradient.count
    precondition(
      range.lowerBound >= 0 && range.upperBound <= gradient.count && x.count == gradient.count,
      "range \(range) in \(gradient.count) and \(x.count) values")
    guard !range.isEmpty else { return }
    x.withUnsafeBufferPointer { x in
      gradient.withUnsafeMutableBufferPointer { gradient in
        guard let x = x.baseAddress.map({ $0 + range.lowerBound }),
          let g = gradient.baseAddress.map({ $0 + range.lowerBound })
        else { return }
        let n = range.count
        switch self {
        case .identity: break
        case .exp: ck_exp_gradient(x, g, n)
        case .softplus(let beta): ck_softplus_gradient(x, g, n, beta)
        case .sigmoid: ck_sigmoid_gradient(x, g, n)
        case .tanh: ck_tanh_gradient(x, g, n)
        case .relu: ck_leaky_relu_gradient(x, g, n, 0)
        case .leakyRelu(let slope): ck_leaky_relu_gradient(x, g, n, slope)
        case .silu: ck_silu_gradient(x, g, n)
        case .mish: ck_mish_gradient(x, g, n)
        case .elu(let alpha, let scale): ck_elu_gradient(x, g, n, alpha, scale)
        case .gelu: ck_gelu_gradient(x, g, n)
        case .geluTanh: ck_gelu_tanh_gradient(x, g, n)
        }
      }
    }
  }
}
