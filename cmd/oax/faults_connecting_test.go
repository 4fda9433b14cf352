package main

var connecting = []fault{}
