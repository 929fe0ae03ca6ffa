"""Signatures of the indicators' shortcuts, of what feeds them, and of their constructors."""

METHODS = """
register_indicator symbol:Symbol indicator:IndicatorBase @value
register_indicator symbol:Symbol indicator:IndicatorBase resolution:TimeSpan?=None selector:Func<IBaseData,decimal>=None
register_indicator symbol:Symbol indicator:IndicatorBase consolidator:IDataConsolidator selector:Func<IBaseData,decimal>=None
register_indicator symbol:Symbol indicator:PyObject resolution:Resolution?|TimeSpan?=None selector:PyObject=None
register_indicator symbol:Symbol indicator:PyObject py_object:PyObject selector:PyObject=None
register_indicator symbol:Symbol indicator:PyObject consolidator:IDataConsolidator selector:PyObject=None
warm_up_indicator symbol:Symbol indicator:IndicatorBase @value
warm_up_indicator symbols:IEnumerable<Symbol> indicator:IndicatorBase @value
warm_up_indicator symbol:Symbol indicator:IndicatorBase period:TimeSpan selector:Func<IBaseData,decimal>=None
warm_up_indicator symbols:IEnumerable<Symbol> indicator:IndicatorBase period:TimeSpan selector:Func<IBaseData,decimal>=None
warm_up_indicator symbol:Symbol|PyObject indicator:PyObject resolution:Resolution?=None selector:PyObject=None
warm_up_indicator symbol:Symbol|PyObject indicator:PyObject period:TimeSpan selector:PyObject=None
indicator_history indicator:IndicatorBase symbol:Symbol period:int @value
indicator_history indicator:IndicatorBase symbols:IEnumerable<Symbol> period:int @value
indicator_history indicator:IndicatorBase symbol:Symbol span:TimeSpan @value
indicator_history indicator:IndicatorBase symbols:IEnumerable<Symbol> span:TimeSpan @value
indicator_history indicator:IndicatorBase symbol:Symbol start:DateTime end:DateTime @value
indicator_history indicator:IndicatorBase symbols:IEnumerable<Symbol> start:DateTime end:DateTime @value
indicator_history indicator:IndicatorBase history:IEnumerable<Slice> selector:Func<IBaseData,decimal>=None
indicator_history indicator:PyObject symbol:PyObject period:int resolution:Resolution?=None selector:PyObject=None
indicator_history indicator:PyObject symbol:PyObject span:TimeSpan resolution:Resolution?=None selector:PyObject=None
indicator_history indicator:PyObject symbol:PyObject start:DateTime end:DateTime resolution:Resolution?=None \
    selector:PyObject=None
indicator_history indicator:PyObject history:IEnumerable<Slice> selector:PyObject=None
ad symbol:Symbol @trade
adx symbol:Symbol period:int @bar
apo symbol:Symbol fast_period:int slow_period:int moving_average_type:MovingAverageType @value
aroon symbol:Symbol period:int @bar
aroon symbol:Symbol up_period:int down_period:int @bar
atr symbol:Symbol period:int type:MovingAverageType=MovingAverageType.SIMPLE @bar
bb symbol:Symbol period:int k:decimal moving_average_type:MovingAverageType=MovingAverageType.SIMPLE @value
cci symbol:Symbol period:int moving_average_type:MovingAverageType=MovingAverageType.SIMPLE @bar
chop symbol:Symbol period:int @bar
cmf symbol:Symbol period:int @trade
cmo symbol:Symbol period:int @value
dch symbol:Symbol upper_period:int lower_period:int @bar
dch symbol:Symbol period:int @bar
dema symbol:Symbol period:int @value
ema symbol:Symbol period:int @value
ema symbol:Symbol period:int smoothing_factor:decimal @value
hma symbol:Symbol period:int @value
identity symbol:Symbol selector:Func<IBaseData,decimal>=None field_name:string=None
identity symbol:Symbol resolution:Resolution selector:Func<IBaseData,decimal>=None field_name:string=None
identity symbol:Symbol resolution:TimeSpan selector:Func<IBaseData,decimal>=None field_name:string=None
kama symbol:Symbol period:int @value
kama symbol:Symbol period:int fast_ema_period:int slow_ema_period:int @value
kch symbol:Symbol period:int k:decimal moving_average_type:MovingAverageType=MovingAverageType.SIMPLE @bar
ker symbol:Symbol period:int=2 @value
logr symbol:Symbol period:int @value
lsma symbol:Symbol period:int @value
lwma symbol:Symbol period:int @value
macd symbol:Symbol fast_period:int slow_period:int signal_period:int type:MovingAverageType=MovingAverageType.EXPONENTIAL @value
mad symbol:Symbol period:int @value
mass symbol:Symbol ema_period:int=9 sum_period:int=25 @trade
si symbol:Symbol limit_move:decimal @trade
asi symbol:Symbol limit_move:decimal @trade
max symbol:Symbol period:int @value
mfi symbol:Symbol period:int @trade
min symbol:Symbol period:int @value
mom symbol:Symbol period:int @value
momp symbol:Symbol period:int @value
natr symbol:Symbol period:int @bar
obv symbol:Symbol @trade
ppo symbol:Symbol fast_period:int slow_period:int moving_average_type:MovingAverageType @value
psar symbol:Symbol af_start:decimal=0.02 af_increment:decimal=0.02 af_max:decimal=0.2 @bar
roc symbol:Symbol period:int @value
rocp symbol:Symbol period:int @value
rocr symbol:Symbol period:int @value
rsi symbol:Symbol period:int moving_average_type:MovingAverageType=MovingAverageType.WILDERS @value
sma symbol:Symbol period:int @value
sr symbol:Symbol sharpe_period:int risk_free_rate:decimal?=None @value
std symbol:Symbol period:int @value
sto symbol:Symbol period:int k_period:int d_period:int @trade
sto symbol:Symbol period:int @trade
sum symbol:Symbol period:int @value
tema symbol:Symbol period:int @value
tr symbol:Symbol @bar
trima symbol:Symbol period:int @value
trix symbol:Symbol period:int @value
v symbol:Symbol period:int @value
var symbol:Symbol period:int @value
var symbol:Symbol period:int confidence_level:double @value
vwap symbol:Symbol period:int @trade
vwap symbol:Symbol
vwma symbol:Symbol period:int @trade
wilr symbol:Symbol period:int @bar
wwma symbol:Symbol period:int @value
"""
CONSTRUCTORS = """
AbsolutePriceOscillator name:string fast_period:int slow_period:int \
    moving_average_type:MovingAverageType=MovingAverageType.SIMPLE
AbsolutePriceOscillator fast_period:int slow_period:int moving_average_type:MovingAverageType=MovingAverageType.SIMPLE
AccumulationDistribution
AccumulationDistribution name:string
AroonOscillator up_period:int down_period:int
AroonOscillator name:string up_period:int down_period:int
AverageDirectionalIndex period:int
AverageDirectionalIndex name:string period:int
AverageTrueRange name:string period:int moving_average_type:MovingAverageType=MovingAverageType.WILDERS
AverageTrueRange period:int moving_average_type:MovingAverageType=MovingAverageType.WILDERS
BollingerBands period:int k:decimal moving_average_type:MovingAverageType=MovingAverageType.SIMPLE
BollingerBands name:string period:int k:decimal moving_average_type:MovingAverageType=MovingAverageType.SIMPLE
ChaikinMoneyFlow name:string period:int
ChaikinMoneyFlow period:int
ChandeMomentumOscillator period:int
ChandeMomentumOscillator name:string period:int
ChoppinessIndex name:string period:int
ChoppinessIndex period:int
CommodityChannelIndex period:int moving_average_type:MovingAverageType=MovingAverageType.SIMPLE
CommodityChannelIndex name:string period:int moving_average_type:MovingAverageType=MovingAverageType.SIMPLE
ConstantIndicator name:string value:decimal
Delay period:int
Delay name:string period:int
DonchianChannel period:int
DonchianChannel upper_period:int lower_period:int
DonchianChannel name:string period:int
DonchianChannel name:string upper_period:int lower_period:int
DoubleExponentialMovingAverage name:string period:int volume_factor:decimal=1
DoubleExponentialMovingAverage period:int volume_factor:decimal=1
ExponentialMovingAverage name:string period:int
ExponentialMovingAverage name:string period:int smoothing_factor:decimal
ExponentialMovingAverage period:int
ExponentialMovingAverage period:int smoothing_factor:decimal
HullMovingAverage name:string period:int
HullMovingAverage period:int
KaufmanAdaptiveMovingAverage name:string period:int fast_ema_period:int=2 slow_ema_period:int=30
KaufmanAdaptiveMovingAverage period:int fast_ema_period:int=2 slow_ema_period:int=30
KaufmanEfficiencyRatio name:string period:int
KaufmanEfficiencyRatio period:int
KeltnerChannels period:int k:decimal moving_average_type:MovingAverageType=MovingAverageType.SIMPLE
KeltnerChannels name:string period:int k:decimal moving_average_type:MovingAverageType=MovingAverageType.SIMPLE
LeastSquaresMovingAverage name:string period:int
LeastSquaresMovingAverage period:int
LinearWeightedMovingAverage name:string period:int
LinearWeightedMovingAverage period:int
LogReturn name:string period:int
LogReturn period:int
Maximum period:int
Maximum name:string period:int
MeanAbsoluteDeviation period:int
MeanAbsoluteDeviation name:string period:int
Minimum period:int
Minimum name:string period:int
Momentum period:int
Momentum name:string period:int
MomentumPercent period:int
MomentumPercent name:string period:int
MoneyFlowIndex period:int
MoneyFlowIndex name:string period:int
MovingAverageConvergenceDivergence fast_period:int slow_period:int signal_period:int \
    type:MovingAverageType=MovingAverageType.EXPONENTIAL
MovingAverageConvergenceDivergence name:string fast_period:int slow_period:int signal_period:int \
    type:MovingAverageType=MovingAverageType.EXPONENTIAL
NormalizedAverageTrueRange name:string period:int
NormalizedAverageTrueRange period:int
OnBalanceVolume
OnBalanceVolume name:string
ParabolicStopAndReverse name:string af_start:decimal=0.02 af_increment:decimal=0.02 af_max:decimal=0.2
ParabolicStopAndReverse af_start:decimal=0.02 af_increment:decimal=0.02 af_max:decimal=0.2
PercentagePriceOscillator name:string fast_period:int slow_period:int \
    moving_average_type:MovingAverageType=MovingAverageType.SIMPLE
PercentagePriceOscillator fast_period:int slow_period:int moving_average_type:MovingAverageType=MovingAverageType.SIMPLE
RateOfChange period:int
RateOfChange name:string period:int
RateOfChangePercent period:int
RateOfChangePercent name:string period:int
RateOfChangeRatio name:string period:int
RateOfChangeRatio period:int
RelativeStrengthIndex period:int moving_average_type:MovingAverageType=MovingAverageType.WILDERS
RelativeStrengthIndex name:string period:int moving_average_type:MovingAverageType=MovingAverageType.WILDERS
SharpeRatio name:string period:int risk_free_rate_model:IRiskFreeInterestRateModel
SharpeRatio period:int risk_free_rate_model:IRiskFreeInterestRateModel
SharpeRatio name:string period:int risk_free_rate_model:PyObject
SharpeRatio period:int risk_free_rate_model:PyObject
SharpeRatio name:string period:int risk_free_rate:decimal=0.0
SharpeRatio period:int risk_free_rate:decimal=0.0
SimpleMovingAverage name:string period:int
SimpleMovingAverage period:int
StandardDeviation period:int
StandardDeviation name:string period:int
Stochastic name:string period:int k_period:int d_period:int
Stochastic period:int k_period:int d_period:int
Sum name:string period:int
Sum period:int
TriangularMovingAverage name:string period:int
TriangularMovingAverage period:int
TripleExponentialMovingAverage name:string period:int
TripleExponentialMovingAverage period:int
Trix name:string period:int
Trix period:int
TrueRange
TrueRange name:string
Variance period:int
Variance name:string period:int
VolumeWeightedAveragePriceIndicator period:int
VolumeWeightedAveragePriceIndicator name:string period:int
VolumeWeightedMovingAverage name:string period:int
VolumeWeightedMovingAverage period:int
WilderMovingAverage name:string period:int
WilderMovingAverage period:int
WilliamsPercentR period:int
WilliamsPercentR name:string period:int
"""
